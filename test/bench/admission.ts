import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packWaymark } from '../cluster/pack.ts';
import { load } from './load.ts';
import { cpuMicroseconds, residentMegabytes } from './process-cost.ts';
import { CHANGES, mutationBody, requests, validationBody } from './reviews.ts';
import { buildPepr, startPepr } from './pepr.ts';
import { createSite, startBare, startWebhook } from './servers.ts';
import type { Changing } from './reviews.ts';
import type { Hook, ServerProcess, Site } from './servers.ts';

const CONNECTIONS = [1, 8, 32];
const ROUNDS = Number(process.env['ROUNDS'] ?? 7);
const ROUND_MS = Number(process.env['ROUND_MS'] ?? 1000);
const STARTS = 5;

const BARE = 'bare';
const PEPR = 'Pepr';
const NAMES: Readonly<Record<Changing, string>> = {
  uid: 'webhook, asked again',
  object: 'webhook, object new each',
  text: 'webhook, text new each',
};

/** What is asked of which server. */
interface Row {
  readonly hook: Hook;
  readonly name: string;
  readonly server: ServerProcess;
  readonly next: () => Buffer;
}

interface Measured {
  readonly cpu: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'));
const running: ServerProcess[] = [];
try {
  await main(createSite(folder), join(await packWaymark({ progress: console.error }), 'bin/waymark.js'));
} finally {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true });
}

async function main(site: Site, program: string): Promise<void> {
  // A process for each kind of load: what one leaves in the heap must not burden the other.
  const webhooks: ServerProcess[] = [];
  while (webhooks.length < CHANGES.length) webhooks.push(await opened(startWebhook(site, program)));
  const [first] = webhooks;
  if (first === undefined) throw new Error('nothing to measure');
  const mutation = mutationBody();
  const mutated = await ask(first, 'mutate', mutation);
  const validation = validationBody(mutation, mutated);
  const validated = await ask(first, 'validate', validation);
  const answers = { mutate: mutated, validate: validated };
  const build = await peprIfItCanBeHad();

  const servers: { name: string; server: ServerProcess; changing: Changing }[] = [
    { name: BARE, server: await opened(startBare(site, answers)), changing: 'uid' },
    ...CHANGES.map((changing, i) => ({ name: NAMES[changing], server: webhooks[i] ?? first, changing })),
  ];
  if (build !== undefined) servers.push({ name: PEPR, server: await opened(startPepr(site, build)), changing: 'text' });
  const idle = servers.map(({ server }) => residentMegabytes(server.pid));

  const rows: Row[] = [];
  for (const [hook, body] of Object.entries({ mutate: mutation, validate: validation }) as [Hook, string][]) {
    for (const { name, server, changing } of servers) {
      if (name === PEPR) await ask(server, hook, body);
      rows.push({ hook, name, server, next: requests(server.path(hook), body, changing) });
    }
  }

  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(
    `review ${mutation.length} bytes to mutate, ${validation.length} to validate; ${ROUNDS} rounds of ${ROUND_MS} ms a row, medians`,
  );
  for (const row of rows) await measure(row, 8, 2 * ROUND_MS);
  for (const connections of CONNECTIONS) printTable(connections, rows, await rounds(rows, connections));

  console.log('');
  for (const [i, { name, server }] of servers.entries()) {
    const loaded = residentMegabytes(server.pid);
    console.log(`memory, MB: ${name.padEnd(28)} ${(idle[i] ?? NaN).toFixed(0)} idle, ${loaded.toFixed(0)} loaded`);
  }
  const times = [`${BARE} ${await starts(() => startBare(site, answers))}`];
  times.push(`webhook ${await starts(() => startWebhook(site, program))}`);
  const pepr = servers.find(({ name }) => name === PEPR)?.server;
  if (pepr !== undefined) times.push(`${PEPR} ${pepr.startToReady.toFixed(0)} (once)`);
  console.log(`start to ready, ms: ${times.join(', ')}`);
}

async function peprIfItCanBeHad(): Promise<string | undefined> {
  try {
    return await buildPepr(console.error);
  } catch (error) {
    console.error(`Pepr is left out: ${String(error)}`);
    return undefined;
  }
}

/** Interleaved, so that whatever else the machine does falls on all rows alike. */
async function rounds(rows: readonly Row[], connections: number): Promise<Map<Row, Measured[]>> {
  const measured = new Map<Row, Measured[]>(rows.map(row => [row, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) measured.get(row)?.push(await measure(row, connections, ROUND_MS));
  }
  return measured;
}

async function measure({ server, next }: Row, connections: number, duration: number): Promise<Measured> {
  const { port, ca } = server;
  const before = cpuMicroseconds(server.pid);
  const { count, elapsed, latencies } = await load({ port, ca, connections, duration, next });
  const percentile = (part: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? NaN;
  return {
    cpu: (cpuMicroseconds(server.pid) - before) / count,
    rate: (count / elapsed) * 1000,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

function printTable(connections: number, rows: readonly Row[], measured: ReadonlyMap<Row, readonly Measured[]>): void {
  console.log(`\n${connections} ${connections === 1 ? 'connection' : 'connections'}`);
  console.log(line(['', 'CPU µs', '× bare', 'of Pepr', 'requests/s', '× bare', 'p50 ms', 'p99 ms']));
  for (const row of rows) {
    const own = measured.get(row) ?? [];
    // Of each round with the same round of the rival: they ran within seconds of each other.
    const ratio = (rival: string, of: (one: Measured) => number) => {
      const other = rows.find(one => one.hook === row.hook && one.name === rival);
      const others = measured.get(other ?? row) ?? [];
      if (other === undefined || other === row) return NaN;
      return median(own.map((one, round) => of(one) / of(others[round] ?? one)));
    };
    const middle = (of: (one: Measured) => number, digits: number) => median(own.map(of)).toFixed(digits);
    console.log(
      line([
        `${row.hook}: ${row.name}`,
        middle(one => one.cpu, 0),
        factor(ratio(BARE, one => one.cpu)),
        share(ratio(PEPR, one => one.cpu)),
        middle(one => one.rate, 0),
        factor(ratio(BARE, one => one.rate)),
        middle(one => one.p50, 2),
        middle(one => one.p99, 2),
      ]),
    );
  }
}

function factor(ratio: number): string {
  return Number.isNaN(ratio) ? '' : ratio.toFixed(2);
}

function share(ratio: number): string {
  return Number.isNaN(ratio) ? '' : `1/${(1 / ratio).toFixed(1)}`;
}

function line([name = '', ...numbers]: readonly string[]): string {
  return name.padEnd(34) + numbers.map(number => number.padStart(11)).join('');
}

async function starts(start: () => Promise<ServerProcess>): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await start();
    times.push(server.startToReady);
    await server.stop();
  }
  return median(times).toFixed(0);
}

async function opened(starting: Promise<ServerProcess>): Promise<ServerProcess> {
  const server = await starting;
  running.push(server);
  return server;
}

/** One question, and that it is answered as it must be to be compared. */
async function ask({ port, ca, path }: ServerProcess, hook: Hook, body: string): Promise<string> {
  const next = requests(path(hook), body, 'uid');
  const { last } = await load({ port, ca, connections: 1, duration: 0, next });
  const { response } = JSON.parse(last) as { response: { allowed: boolean; patch?: string; status?: unknown } };
  if (!response.allowed || (hook === 'mutate') !== (response.patch !== undefined)) {
    throw new Error(`not what is to be measured: ${JSON.stringify(response)}`);
  }
  return last;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
