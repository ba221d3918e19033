import { RESOURCES } from '../../kube/resources.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import { createApiServer } from './api-server/server.ts';
import type { ApiRequest, ApiServer } from './api-server/server.ts';
import { createAutoscaler } from './cluster/autoscaler.ts';
import { createEndpoints } from './cluster/endpoints.ts';
import type { Endpoints } from './cluster/endpoints.ts';
import { collectGarbage } from './cluster/garbage.ts';
import { createGateway } from './cluster/gateway.ts';
import type { Gateway } from './cluster/gateway.ts';
import { createPods } from './cluster/pods.ts';
import type { Pods } from './cluster/pods.ts';
import { createWeather } from './faults.ts';
import { startProcess } from './process.ts';
import type { Process, Sabotage } from './process.ts';
import { createDice } from './random.ts';
import type { Fault, Operation, Schedule } from './schedule.ts';
import { createUsers } from './users.ts';
import { breath, createVirtualTime, quiet } from './virtual-time.ts';

export interface WorldOptions {
  readonly sabotage?: Sabotage | undefined;
  /** Told of everything that happens, for people. */
  readonly tell?: ((line: string) => void) | undefined;
}

/** What one of Waymark's processes did to the API server. */
export interface Act {
  readonly at: number;
  readonly process: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A cluster with Waymark in it, whose time passes only when it is told to. */
export interface World {
  readonly server: ApiServer;
  readonly settings: Settings;
  readonly pods: Pods;
  readonly gateways: readonly Gateway[];
  readonly acts: readonly Act[];
  now(): number;
  /** Whose write is being stored: a process of Waymark's, or anybody else (`undefined`). */
  writer(): string | undefined;
  /** Whether nothing has been wrong for so many milliseconds, and somebody leads. */
  isCalm(milliseconds: number): boolean;
  /** Every process of Waymark's is killed and started anew. */
  restart(): void;
  /** `afterStep` is called whenever something has happened, when nothing is left to do at that moment. */
  runUntil(end: number, afterStep: () => void): Promise<void>;
}

/** 2026-01-01T00:00:00Z: a world begins then. */
const BEGIN = Date.UTC(2026, 0, 1);

const NAMESPACES = ['shop', 'other', 'waymark-system', 'istio-system'];

const GATEWAYS = 2;

export function createWorld(schedule: Schedule, { sabotage = {}, tell }: WorldOptions = {}): World {
  const { seed, setting, operations, faults } = schedule;
  const dice = createDice(seed);
  const time = createVirtualTime();
  const date = () => BEGIN + time.now();
  const server = createApiServer({ now: date, pageSize: setting.pageSize });
  const settings: Settings = {
    ...defaultSettings,
    domain: 'models.example.com',
    ingressHost: setting.ingressHost,
    modelPrefix: setting.ingressHost === '' ? '' : '/models/{model}/',
    upgrade: { strategy: 'replace', bake: setting.bake, drain: setting.drain },
  };
  // Only by its Lease does a new process know for how long nobody has looked.
  const hasLease = setting.replicas > 1 || faults.some(({ fault }) => fault === 'outage');
  const acts: Act[] = [];
  let writer: string | undefined;
  let troubledAt = -Infinity;
  let troubles = 0;

  for (const name of NAMESPACES) put('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  // The user's own certificate: none is made.
  put('/api/v1/namespaces/waymark-system/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'waymark-webhook-tls', namespace: 'waymark-system' },
  });

  const surroundings = { server, time, dice: dice.fork('cluster') };
  const pods = createPods(surroundings, namespace => endpoints.podsChanged(namespace));
  const endpoints: Endpoints = createEndpoints(surroundings, () => pods, setting.perSlice);
  collectGarbage(surroundings);
  const autoscaler = createAutoscaler(surroundings);
  const gateways = Array.from({ length: GATEWAYS }, () => createGateway(surroundings));
  const users = createUsers({ server, settings, pods, autoscaler });
  const weather = createWeather(dice.fork('weather'));

  function put(path: string, body: unknown): void {
    server.handle({ method: 'POST', path, body, userAgent: 'admin' });
  }

  const slots: (Process | undefined)[] = [];
  let starts = 0;
  for (let i = 0; i < setting.replicas; i++) start(i);

  function start(slot: number): void {
    starts++;
    slots[slot] = startProcess({
      server,
      time,
      dice: dice.fork(`process ${slot} ${starts}`),
      settings,
      identity: `waymark-${slot}`,
      leaderElection: hasLease,
      line: isCut => weather.line(slot, isCut),
      date,
      skew: setting.skew,
      sabotage,
      during,
      log: tell && (line => tell(`${clockText(time.now())} waymark-${slot} ${line.trimEnd()}`)),
    });
  }

  const countdowns = new Map<number, { left: number; readonly fault: Fault }>();

  function during<T>(process: Process, request: ApiRequest, act: () => T): T {
    const { method, path } = request;
    const isWrite = method !== 'GET' && !path.includes('/leases');
    const slot = slots.indexOf(process);
    const countdown = isWrite ? countdowns.get(slot) : undefined;
    if (countdown !== undefined && --countdown.left === 0) {
      countdowns.delete(slot);
      const { fault } = countdown;
      if (fault.fault === 'kill-at-write') time.after(0, () => killFor(slot, fault.for, fault.cuts));
    }
    writer = process.identity;
    try {
      const result = act();
      const { status } = result as { status?: number };
      acts.push({ at: time.now(), process: process.identity, method, path, status: status ?? 0 });
      if (method !== 'GET' && tell && isWrite) {
        tell(
          `${clockText(time.now())} ${process.identity} ${method} ${path} → ${status ?? 0} ${bodyText(request.body)}`,
        );
      }
      return result;
    } finally {
      writer = undefined;
    }
  }

  function killFor(slot: number, milliseconds: number, cuts: boolean): void {
    const process = slots[slot];
    if (process === undefined) return;
    slots[slot] = undefined;
    process.kill(cuts);
    trouble();
    time.after(milliseconds, () => {
      trouble();
      if (slots[slot] === undefined) start(slot);
    });
  }

  function trouble(): void {
    troubledAt = time.now();
  }

  function begin(fault: Fault): void {
    trouble();
    tell?.(`${clockText(time.now())} FAULT ${JSON.stringify(fault)}`);
    weather.begin(fault);
    const processes = slots.filter(one => one !== undefined);
    switch (fault.fault) {
      case 'outage':
        for (const process of processes) process.network.disturb(fault.hangs ? 'stall' : 'break');
        for (const gateway of gateways) gateway.lose();
        break;
      case 'partition':
        slots[fault.process]?.network.disturb('stall');
        break;
      case 'watches':
        for (const process of processes) process.network.disturb(fault.how);
        break;
      case 'compaction':
        server.compact();
        break;
      case 'kill':
        killFor(fault.process, fault.for, fault.cuts);
        break;
      case 'kill-at-write':
        countdowns.set(fault.process, { left: fault.writes, fault });
        break;
      case 'freeze':
        slots[fault.process]?.clock.freeze();
        break;
      case 'stop':
        void slots[fault.process]?.stop();
        killLater(fault);
        break;
      default:
        break;
    }
    if (!('for' in fault)) return;
    troubles++;
    time.after(fault.for, () => end(fault));
  }

  function killLater(fault: Extract<Fault, { fault: 'stop' }>): void {
    const process = slots[fault.process];
    // What has not ended by then is killed, as the kubelet does.
    time.after(fault.for, () => {
      if (process === undefined || slots[fault.process] !== process) return;
      process.kill(false);
      start(fault.process);
    });
  }

  function end(fault: Fault): void {
    troubles--;
    trouble();
    weather.end(fault);
    if (fault.fault === 'outage') for (const gateway of gateways) gateway.find();
    if (fault.fault === 'freeze') slots[fault.process]?.clock.thaw();
    if (fault.fault === 'kill-at-write') countdowns.delete(fault.process);
  }

  const waiting: Operation[] = [];

  /** In the order of their times: who finds the API server away tries again, and so do those after him. */
  function perform(): void {
    if (weather.isServerAway()) {
      time.after(RETRY, perform);
      return;
    }
    for (const operation of waiting.splice(0)) {
      tell?.(`${clockText(time.now())} USER ${JSON.stringify(operation)}`);
      users.perform(operation);
    }
  }

  for (const operation of operations) {
    time.after(operation.at, () => {
      waiting.push(operation);
      perform();
    });
  }
  for (const fault of faults) time.after(fault.at, () => begin(fault));

  return {
    server,
    settings,
    pods,
    gateways,
    acts,
    now: () => time.now(),
    writer: () => writer,
    isCalm: milliseconds =>
      troubles === 0 && time.now() - troubledAt >= milliseconds && slots.some(one => one?.isLeading() === true),
    restart() {
      tell?.(`${clockText(time.now())} RESTART`);
      for (let slot = 0; slot < setting.replicas; slot++) killFor(slot, 0, false);
    },
    async runUntil(finish, afterStep) {
      for (;;) {
        await quiet();
        // Their log shows when it happened.
        if (tell !== undefined) await breath();
        afterStep();
        if (time.next() > finish) break;
        time.step();
      }
      time.moveTo(finish);
    },
  };
}

/** Of a user who finds the API server away. */
const RETRY = 1000;

function clockText(now: number): string {
  return `${(now / 1000).toFixed(3).padStart(8)}s`;
}

function bodyText(body: unknown): string {
  return body === undefined ? '' : JSON.stringify(body).slice(0, 600);
}

export function hostsIn(server: ApiServer): readonly string[] {
  return server
    .collection(RESOURCES.hosts)
    .list()
    .map(({ metadata }) => metadata.name);
}
