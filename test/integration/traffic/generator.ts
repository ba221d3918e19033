import { Agent, request } from 'node:http';
import type { Answer, Command, Report } from './answer.ts';

/** How long a request may take before it counts as lost: less than the gateway tries to reach a Pod that is gone. */
const PATIENCE_MS = 9_000;
const LOST = 0;

/**
 * Sends requests to the gateway, a fixed number a second for each stream, whatever becomes of those before: a slow answer
 * holds nothing up. A process of its own, so that what a test does meanwhile does not slow it down.
 */
function generate(gateway: { readonly host: string; readonly port: number }): void {
  const agent = new Agent({ keepAlive: true });
  const streams = new Map<string, () => Promise<readonly Answer[]>>();

  function start({ stream, host, path, rate }: Extract<Command, { do: 'start' }>): void {
    const answers: Answer[] = [];
    const waiting = new Set<Promise<unknown>>();
    const begin = now();
    let sent = 0;

    function sendDue(): void {
      for (; sent < ((now() - begin) * rate) / 1_000; sent++) {
        const one = send(host, path).then(answer => answers.push(answer));
        waiting.add(one);
        void one.then(() => waiting.delete(one));
      }
    }

    const timer = setInterval(sendDue, 1_000 / rate);
    streams.set(stream, async () => {
      clearInterval(timer);
      await Promise.all(waiting);
      return answers.sort((one, other) => one.at - other.at);
    });
  }

  function send(host: string, path: string): Promise<Answer> {
    return new Promise(resolve => {
      const at = now();
      const end = (status: number, pod: string, error?: string) =>
        resolve({ at, took: now() - at, status, pod, ...(error !== undefined && { error }) });
      const sent = request({ ...gateway, path, agent, headers: { host }, timeout: PATIENCE_MS });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
      sent.on('error', error => end(LOST, '', error.message));
      sent.on('response', answer => {
        const { statusCode = LOST, headers } = answer;
        const text: string[] = [];
        if (statusCode === 200) answer.resume();
        else answer.setEncoding('utf8').on('data', (chunk: string) => text.push(chunk));
        answer.on('error', error => end(LOST, '', error.message));
        answer.on('end', () =>
          end(statusCode, String(headers['x-echo-pod'] ?? ''), statusCode === 200 ? undefined : text.join('')),
        );
      });
      sent.end();
    });
  }

  process.on('message', (command: Command) => {
    if (command.do === 'start') {
      start(command);
      return;
    }
    const stop = streams.get(command.stream);
    streams.delete(command.stream);
    void stop?.().then(answers => process.send?.({ stream: command.stream, answers } satisfies Report));
  });
  process.on('disconnect', () => process.exit());
}

/** Milliseconds since the epoch, with a fraction. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

generate({ host: process.argv[2] ?? '', port: Number(process.argv[3]) });
