import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packWaymark } from '../cluster/pack.ts';
import { httpsClient } from '../support/https-client.ts';
import { load } from './load.ts';
import { cpuMicroseconds, residentMegabytes } from './process-cost.ts';
import { CHANGES, mutationBody, requests, validationBody } from './reviews.ts';
import { createSite, startBare, startWebhook } from './servers.ts';
import type { Changing } from './reviews.ts';
import type { ServerProcess, Site } from './servers.ts';

const CONNECTIONS = [1, 8, 32];
const ROUNDS = Number(process.env['ROUNDS'] ?? 7);
const ROUND_MS = Number(process.env['ROUND_MS'] ?? 1000);
const STARTS = 5;

const NAMES: Readonly<Record<Changing, string>> = {
  uid: 'webhook, asked again',
  object: 'webhook, object new each',
  text: 'webhook, text new each',
};

/** What is asked of which server; `rival` is the row that the ratios of a row are about. */
interface Row {
  readonly name: string;
  readonly server: ServerProcess;
  readonly next: () => Buffer;
  readonly rival?: string;
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
  const mutated = await ask(first, site, '/mutate', mutation);
  const validation = validationBody(mutation, mutated);
  const validated = await ask(first, site, '/validate', validation);
  const bare = await opened(startBare(site, { mutate: mutated, validate: validated }));
  const servers = [
    { name: 'bare', server: bare },
    ...CHANGES.map((name, i) => ({ name: NAMES[name], server: webhooks[i] ?? first })),
  ];
  const idle = servers.map(({ server }) => residentMegabytes(server.pid));

  const rows = [
    ['mutate', mutation],
    ['validate', validation],
  ].flatMap(([hook = '', body = '']): Row[] => [
    { name: `${hook}: bare`, server: bare, next: requests(`/${hook}`, body, 'uid') },
    ...CHANGES.map((changing, i) => ({
      name: `${hook}: ${NAMES[changing]}`,
      server: webhooks[i] ?? first,
      next: requests(`/${hook}`, body, changing),
      rival: `${hook}: bare`,
    })),
  ]);

  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(
    `review ${mutation.length} bytes to mutate, ${validation.length} to validate; ${ROUNDS} rounds of ${ROUND_MS} ms a row, medians`,
  );
  for (const row of rows) await measure(row, site, 8, 2 * ROUND_MS);
  for (const connections of CONNECTIONS) printTable(connections, rows, await rounds(rows, site, connections));

  console.log('');
  for (const [i, { name, server }] of servers.entries()) {
    const loaded = residentMegabytes(server.pid);
    console.log(`memory, MB: ${name.padEnd(28)} ${(idle[i] ?? NaN).toFixed(0)} idle, ${loaded.toFixed(0)} loaded`);
  }
  console.log(
    `start to ready, ms: bare ${(await starts(() => startBare(site, { mutate: mutated, validate: validated }))).toFixed(0)}, ` +
      `webhook ${(await starts(() => startWebhook(site, program))).toFixed(0)}`,
  );
}

/** Interleaved, so that whatever else the machine does falls on all rows alike. */
async function rounds(rows: readonly Row[], site: Site, connections: number): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>(rows.map(row => [row.name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) measured.get(row.name)?.push(await measure(row, site, connections, ROUND_MS));
  }
  return measured;
}

async function measure({ server, next }: Row, { ca }: Site, connections: number, duration: number): Promise<Measured> {
  const before = cpuMicroseconds(server.pid);
  const { count, elapsed, latencies } = await load({ port: server.port, ca, connections, duration, next });
  const percentile = (part: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? NaN;
  return {
    cpu: (cpuMicroseconds(server.pid) - before) / count,
    rate: (count / elapsed) * 1000,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

function printTable(
  connections: number,
  rows: readonly Row[],
  measured: ReadonlyMap<string, readonly Measured[]>,
): void {
  console.log(`\n${connections} ${connections === 1 ? 'connection' : 'connections'}`);
  console.log(line(['', 'CPU µs', '× bare', 'requests/s', '× bare', 'p50 ms', 'p99 ms']));
  for (const { name, rival } of rows) {
    const own = measured.get(name) ?? [];
    const others = measured.get(rival ?? name) ?? [];
    // Of each round with the same round of the rival: they ran within seconds of each other.
    const ratio = (of: (one: Measured) => number) =>
      rival === undefined ? '' : median(own.map((one, round) => of(one) / of(others[round] ?? one))).toFixed(2);
    const middle = (of: (one: Measured) => number, digits: number) => median(own.map(of)).toFixed(digits);
    console.log(
      line([
        name,
        middle(one => one.cpu, 0),
        ratio(one => one.cpu),
        middle(one => one.rate, 0),
        ratio(one => one.rate),
        middle(one => one.p50, 2),
        middle(one => one.p99, 2),
      ]),
    );
  }
}

function line([name = '', ...numbers]: readonly string[]): string {
  return name.padEnd(34) + numbers.map(number => number.padStart(11)).join('');
}

async function starts(start: () => Promise<ServerProcess>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await start();
    times.push(server.startToReady);
    await server.stop();
  }
  return median(times);
}

async function opened(starting: Promise<ServerProcess>): Promise<ServerProcess> {
  const server = await starting;
  running.push(server);
  return server;
}

async function ask(server: ServerProcess, site: Site, path: string, body: string): Promise<string> {
  const client = httpsClient(server.port, site.ca);
  const answer = await client.send({ path, body });
  client.close();
  const { response } = JSON.parse(answer.body) as { response: { allowed: boolean; patch?: string; status?: unknown } };
  if (!response.allowed || (path === '/mutate') !== (response.patch !== undefined)) {
    throw new Error(`not what is to be measured: ${JSON.stringify(response)}`);
  }
  return answer.body;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
