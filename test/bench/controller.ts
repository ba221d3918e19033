import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { packWaymark } from '../cluster/pack.ts';
import { removeBuilt, rewritesOf } from './controller-built.ts';
import { inParallel } from './controller-client.ts';
import { WRITES_OF_EDITOR, edit } from './controller-edits.ts';
import { openStage } from './controller-stage.ts';
import type { Stage } from './controller-stage.ts';
import { namespacesOfStock, stock } from './controller-stock.ts';
import { cpuMicrosecondsOf } from './process-cost.ts';

const SIZES = (process.env['SIZES'] ?? '100,1000,10000').split(',').map(Number);
const EDITS = Number(process.env['EDITS'] ?? 200);
/** A folder for profiles of the controller's CPU. */
const PROFILE = process.env['PROFILE'];
/** Requests in flight, of whoever stores and of the bare loop. */
const WIDTH = 16;
/** Milliseconds without work before memory is looked at: V8 waits as long before it tidies up after a busy time. */
const SETTLING = 30_000;

/** Objects written from nothing. */
interface Writing {
  readonly perSecond: number;
  /** CPU of one object, in microseconds: what else the machine does changes it little. */
  readonly server: number;
  readonly client: number;
}

/** What one size gave. */
interface Row {
  readonly size: number;
  readonly objects: number;
  readonly controller: Writing;
  readonly bare: Writing;
  readonly writes: number;
  /** Milliseconds. */
  readonly ready: number;
  readonly settled: number;
  readonly writesOfRestart: number;
  readonly megabytes: number;
  readonly edit: {
    readonly microseconds: number;
    readonly writes: number;
    readonly turns: number;
    readonly p50: number;
    readonly p99: number;
  };
}

console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`);
const program = join(await packWaymark({ progress: console.error }), 'bin/waymark.js');
const rows: Row[] = [];
for (const size of SIZES) rows.push(await measure(size));
print(rows);

/** Every size has an API server of its own. */
async function measure(size: number): Promise<Row> {
  const stage = await openStage(program);
  try {
    return await measureOn(stage, size);
  } finally {
    await stage.stop();
  }
}

async function measureOn(stage: Stage, size: number): Promise<Row> {
  console.error(`${size} Deployments are stored`);
  await stock(stage.admin, 0, size, WIDTH);

  const before = await stage.writes();
  const built = await build(stage);
  const rewrites = await rewritesOf(stage.admin);
  const objects = rewrites.length;
  const writes = (await stage.writes()) - before;
  console.error(`${objects} objects built with ${writes} writes in ${(built.took / 1000).toFixed(1)} s`);

  const restarted = await restart(stage, size);
  console.error(`restarted: ${JSON.stringify(restarted)}; now the bare loop`);
  const controller = writingOf(built, objects);
  return { size, objects, writes, controller, bare: writingOf(await bareLoop(stage), objects), ...restarted };
}

interface Spent {
  /** Milliseconds. */
  readonly took: number;
  /** Microseconds of CPU. */
  readonly server: number;
  readonly client: number;
}

function writingOf({ took, server, client }: Spent, objects: number): Writing {
  return { perSecond: (objects * 1000) / took, server: server / objects, client: client / objects };
}

function serverCpu(): number {
  return cpuMicrosecondsOf('kube-apiserver', 'etcd');
}

/** From the first write to the last. */
async function build(stage: Stage): Promise<Spent> {
  const controller = await stage.startController(PROFILE);
  let before = { server: 0, client: 0 };
  const now = () => ({ server: serverCpu(), client: controller.cpuMicroseconds() });
  const { at, firstWriteAt } = await controller.quiet(() => (before = now()));
  const { server, client } = now();
  await controller.stop();
  return { took: at - firstWriteAt, server: server - before.server, client: client - before.client };
}

async function restart(
  stage: Stage,
  size: number,
): Promise<Pick<Row, 'ready' | 'settled' | 'writesOfRestart' | 'megabytes' | 'edit'>> {
  const before = await stage.writes();
  const begin = performance.now();
  const controller = await stage.startController(PROFILE);
  const { at } = await controller.quiet();
  const writesOfRestart = (await stage.writes()) - before;
  await delay(SETTLING);
  const megabytes = controller.residentMegabytes();
  await edit(stage.admin, controller, { size, edits: 20, timeout: 70 });
  const beforeEdits = { writes: await stage.writes(), turns: await controller.turns() };
  const { microseconds, latencies } = await edit(stage.admin, controller, { size, edits: EDITS, timeout: 200 });
  const writes = ((await stage.writes()) - beforeEdits.writes) / EDITS - WRITES_OF_EDITOR;
  const turns = ((await controller.turns()) - beforeEdits.turns) / EDITS;
  await controller.stop();
  return {
    ready: controller.startToReady,
    settled: at - begin,
    writesOfRestart,
    megabytes,
    edit: { microseconds, writes, turns, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
  };
}

/** The same objects, each from nothing with as few requests as can be, over connections that stay open. */
async function bareLoop(stage: Stage): Promise<Spent> {
  const rewrites = await rewritesOf(stage.admin);
  await removeBuilt(stage.admin, namespacesOfStock(), WIDTH);
  const client = stage.asController(WIDTH);
  const [begin, server, own] = [performance.now(), serverCpu(), process.cpuUsage()];
  await inParallel(rewrites, WIDTH, async rewrite => {
    for (const request of rewrite) await client.send(request);
  });
  const took = performance.now() - begin;
  const { user, system } = process.cpuUsage(own);
  const spent = { took, server: serverCpu() - server, client: user + system };
  await client.close();
  return spent;
}

function percentile(ascending: readonly number[], part: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? NaN;
}

function print(all: readonly Row[]): void {
  const table: Record<string, (row: Row) => string> = {
    'objects built': row => String(row.objects),
    'writes for them': row => String(row.writes),
    'objects/s, controller': row => row.controller.perSecond.toFixed(0),
    'objects/s, bare loop': row => row.bare.perSecond.toFixed(0),
    'of the bare loop': row => (row.controller.perSecond / row.bare.perSecond).toFixed(2),
    'CPU of one, controller, µs': row => row.controller.client.toFixed(0),
    'CPU of one, bare loop, µs': row => row.bare.client.toFixed(0),
    'of the API server for it, µs': row => row.controller.server.toFixed(0),
    'and for the bare loop, µs': row => row.bare.server.toFixed(0),
    'restart to ready, s': row => (row.ready / 1000).toFixed(1),
    'restart to all looked at, s': row => (row.settled / 1000).toFixed(1),
    'writes of a restart': row => String(row.writesOfRestart),
    'memory, MB': row => row.megabytes.toFixed(0),
    'CPU of one edit, µs': row => row.edit.microseconds.toFixed(0),
    'writes for one edit': row => row.edit.writes.toFixed(2),
    'groups looked at for one edit': row => row.edit.turns.toFixed(2),
    'apply to route, p50 ms': row => row.edit.p50.toFixed(1),
    'apply to route, p99 ms': row => row.edit.p99.toFixed(1),
  };
  console.log(
    line(
      'Deployments',
      all.map(({ size }) => String(size)),
    ),
  );
  for (const [title, cell] of Object.entries(table)) console.log(line(title, all.map(cell)));
  const [first, last] = [all.at(0), all.at(-1)];
  if (first === undefined || last === undefined || first === last) return;
  const kilobytes = ((last.megabytes - first.megabytes) * 1000) / (last.size - first.size);
  console.log(`memory of one Deployment more: ${kilobytes.toFixed(1)} KB`);
  const ratio = last.edit.microseconds / first.edit.microseconds;
  console.log(`one edit at ${last.size} costs ${ratio.toFixed(2)} of one at ${first.size}`);
}

function line(title: string, cells: readonly string[]): string {
  return title.padEnd(30) + cells.map(cell => cell.padStart(12)).join('');
}
