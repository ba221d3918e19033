import type { Intent, Share } from '../intent.ts';
import { serviceName } from '../render/names.ts';
import type { TargetService, TrafficFacts } from '../cluster-facts.ts';
import { wholePercents } from './weights.ts';

/** Where the requests of one route go, and where they are copied to. */
export interface Traffic {
  /** At least one. Weights are whole percents, none of them 0, and add up to 100. */
  readonly destinations: readonly WeightedService[];
  readonly mirrors: readonly WeightedService[];
  /** What becomes of each written share, in document order: the split's first. */
  readonly shares: readonly SharedOut[];
}

export interface WeightedService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly percent: number;
}

export interface SharedOut {
  readonly field: 'split' | 'mirror';
  readonly share: Share;
  /** Percent that it gets now. */
  readonly effective: number;
  /** Why it gets less; absent = it gets all of it. */
  readonly lack?: Lack;
}

export type Lack = 'missing' | 'no-port' | 'no-selector' | 'not-ready' | 'not-permitted';

/** A Service of the members themselves, or of anybody else. */
export type FindService = (namespace: string, name: string) => TargetService | undefined;

export interface Backend {
  readonly intent: Intent;
  /** Whether any of its endpoints takes requests. */
  readonly isUp: boolean;
}

/**
 * What the leader's split and mirror come to. `standIn` takes what is left for the leader while that has no endpoint;
 * where there is none, those get it that take requests, by their shares.
 */
export function trafficOf(leader: Backend, standIn: Backend | undefined, findService: FindService): Traffic {
  const { intent } = leader;
  const { split = [], mirror = [] } = intent.service ?? {};
  const own = !leader.isUp && standIn?.isUp ? standIn : leader;
  const splits = split.map(share => sharedOut('split', share, findService));
  const mirrors = mirror.map(share => sharedOut('mirror', share, findService));
  const given = splits.reduce((sum, { effective }) => sum + effective, 0);
  const rest = Math.max(0, 100 - given);
  const isLost = !own.isUp && given > 0;
  const targets = splits.filter(({ effective }) => effective > 0);
  const percents = isLost
    ? wholePercents(targets.map(({ effective }) => effective))
    : targets.map(({ effective }) => effective);
  const destinations = [
    ...(rest > 0 && !isLost ? [ownService(own.intent, rest)] : []),
    ...targets.map(({ share }, index) => targetOf(share, percents[index] ?? 0, findService)),
  ];
  return {
    destinations: merged(destinations),
    mirrors: mirrors
      .filter(({ effective }) => effective > 0)
      .map(({ share, effective }) => targetOf(share, effective, findService)),
    shares: [...splits, ...mirrors],
  };
}

/** To the Service of one Deployment, all of it. */
export function plainTraffic(intent: Intent): Traffic {
  return { destinations: [ownService(intent, 100)], mirrors: [], shares: [] };
}

function ownService({ object, ports }: Intent, percent: number): WeightedService {
  return { namespace: object.namespace, name: serviceName(object.name), port: ports[0]?.port ?? 80, percent };
}

function targetOf({ namespace, name }: Share, percent: number, findService: FindService): WeightedService {
  return { namespace, name, port: findService(namespace, name)?.port ?? 80, percent };
}

function sharedOut(field: SharedOut['field'], share: Share, findService: FindService): SharedOut {
  const lack = lackOf(share, findService(share.namespace, share.name));
  return lack === undefined ? { field, share, effective: share.percent } : { field, share, effective: 0, lack };
}

function lackOf({ isPermitted }: Share, service: TargetService | undefined): Lack | undefined {
  if (!isPermitted) return 'not-permitted';
  if (service === undefined) return 'missing';
  if (!service.selects) return 'no-selector';
  if (service.port === undefined) return 'no-port';
  return service.ready > 0 ? undefined : 'not-ready';
}

/** A stand-in may be a target of the split as well. */
function merged(services: readonly WeightedService[]): readonly WeightedService[] {
  const byName = new Map<string, WeightedService>();
  for (const service of services) {
    const key = `${service.namespace}/${service.name}`;
    const known = byName.get(key);
    byName.set(key, known ? { ...known, percent: known.percent + service.percent } : service);
  }
  return [...byName.values()].filter(({ percent }) => percent > 0);
}

/** Services as the facts have them, and, where nothing is known of the cluster, those that would be built. */
export function serviceFinder(traffic: TrafficFacts, intents: Iterable<Intent>): FindService {
  let built: ReadonlyMap<string, TargetService> | undefined;
  return (namespace, name) =>
    traffic.service(namespace, name) ?? (built ??= builtServices(intents)).get(`${namespace}/${name}`);
}

function builtServices(intents: Iterable<Intent>): ReadonlyMap<string, TargetService> {
  const services = new Map<string, TargetService>();
  for (const { object, ports } of intents) {
    const [first] = ports;
    if (first === undefined) continue;
    const numbers = ports.map(({ port }) => port);
    const service = { port: first.port, ports: numbers, selects: true, ready: 1, endpoints: '' };
    services.set(`${object.namespace}/${serviceName(object.name)}`, service);
  }
  return services;
}
