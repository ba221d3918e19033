import { connect } from 'node:tls';
import { startServer } from '../../../webhook/server.ts';
import type { WebhookServer } from '../../../webhook/server.ts';
import { createAuthority } from '../../support/certificates.ts';
import { everything } from '../../support/https-client.ts';
import { mutateJson } from '../mutate-json.ts';
import { mutateText } from '../mutate-text.ts';
import { checkPrototypes, UNSEEN } from '../promises.ts';
import { bytesOf, must } from '../target.ts';
import type { Target } from '../target.ts';
import { oneOf, WORLDS } from '../worlds.ts';
import { reviewSeeds, watchedAdmission } from './review.ts';

/** Milliseconds after which a client that was told nothing hangs up. */
const PATIENCE = 250;
/** For an answer that must come. */
const LONG_PATIENCE = 10_000;

const GOOD = 'POST /mutate?timeout=5s HTTP/1.1\r\nHost: waymark\r\nContent-Type: application/json';
const HEADS = [
  GOOD,
  GOOD.replace('/mutate?timeout=5s', '/validate'),
  GOOD.replace('POST', 'GET'),
  GOOD.replace('/mutate', '/../mutate'),
  `${GOOD}; charset=utf-8\r\nExpect: 100-continue`,
  `${GOOD}\r\nTransfer-Encoding: chunked`,
  `${GOOD}\r\nContent-Length: 5`,
];

/** Ours, and those that Node answers a broken head with. */
const STATUSES = new Set([100, 200, 400, 404, 405, 408, 413, 417, 431, 503]);

const BETWEEN = '\r\n\r\n';

const watched = watchedAdmission(oneOf(WORLDS, 0));

interface Running {
  readonly server: WebhookServer;
  /** Sends bytes over a connection of its own; resolves with all that comes back. */
  readonly send: (bytes: Buffer, patience: number) => Promise<string>;
}

async function start(): Promise<Running> {
  const authority = createAuthority();
  const { admission, log } = watched;
  const server = await startServer({ port: 0, host: '127.0.0.1', answer: admission.answer, log });
  server.use(authority.issue({ names: ['localhost'] }));
  let session: Buffer | undefined;
  return {
    server,
    send(bytes, patience) {
      const options = { host: '127.0.0.1', port: server.port, ca: authority.cert, servername: 'localhost' };
      const socket = connect({ ...options, ...(session && { session }) }, () => socket.write(bytes));
      socket.on('session', resumable => (session = resumable));
      const timer = setTimeout(() => socket.destroy(), patience);
      return everything(socket).finally(() => clearTimeout(timer));
    },
  };
}

let running: Promise<Running> | undefined;

/** The bytes of a request over a real connection: the head as it is, then `\r\n\r\n` and the body. */
export const https: Target = {
  name: 'https',
  share: 0.005,
  seeds: () => reviewSeeds().flatMap((body, index) => (HEADS[index] ?? GOOD) + BETWEEN + body),
  mutate(input, random, words, other) {
    const [head = '', ...bodies] = input.split(BETWEEN);
    const body = bodies.join(BETWEEN);
    return random.once(2)
      ? mutateText(head, random, words, other) + BETWEEN + body
      : head + BETWEEN + mutateJson(body, random, words, () => other().split(BETWEEN)[1] ?? '');
  },
  async run(input) {
    running ??= start();
    const { send } = await running;
    checkAnswer(await send(withLength(input), PATIENCE), input);
    const answer = await send(withLength(`${GOOD}${BETWEEN}${SMALL}`), LONG_PATIENCE);
    must(answer.startsWith('HTTP/1.1 200 '), 'W19: the next request is answered as ever', answer);
    for (const line of watched.said.splice(0)) {
      must(!UNSEEN.test(line.slice(0, -1)) && line.length < 4_096, 'S-22: a line of log is one line', line);
      must(!line.includes('"level":"error"'), 'nothing is thrown', line);
    }
    checkPrototypes();
  },
  async close() {
    const open = await running;
    running = undefined;
    await open?.server.drain({ linger: 0, deadline: 0 });
  },
};

const [SMALL = ''] = reviewSeeds();

function withLength(input: string): Buffer {
  const at = input.indexOf(BETWEEN);
  if (at === -1) return bytesOf(input);
  const head = input.slice(0, at);
  const body = bytesOf(input.slice(at + BETWEEN.length));
  const told = /^(?:content-length|transfer-encoding):/im.test(head);
  const length = told ? '' : `\r\nContent-Length: ${body.length}`;
  return Buffer.concat([bytesOf(`${head}\r\nConnection: close${length}${BETWEEN}`), body]);
}

function checkAnswer(answer: string, input: string): void {
  if (answer === '') return;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  must(STATUSES.has(status), 'S-20: a status is one of those that are documented, and no redirect', answer);
  must(!/^location:/im.test(answer.split(BETWEEN)[0] ?? ''), 'S-20: an answer sends nobody elsewhere', answer);
  must(!/<html|<!doctype|\n\s+at .*\.[jt]s:\d/i.test(answer), 'W19: an answer is no page and no stack', [
    answer,
    input,
  ]);
}
