import { NO_FACTS } from '../../shared/cluster-facts.ts';
import type { ClusterFacts, Interruption, TargetService, TrafficFacts } from '../../shared/cluster-facts.ts';
import type { HostOutcome, ScaleStep, Statement } from '../../shared/compilation.ts';
import { compile } from '../../shared/compile.ts';
import type { Deployment } from '../../shared/deployment.ts';
import { nameOf } from '../../shared/findings/finding.ts';
import type { Host, HostMember } from '../../shared/host.ts';
import { sameJson } from '../../shared/json.ts';
import { hostGroup } from '../../shared/plan/hosts.ts';
import { servicesOf } from '../../shared/plan/live.ts';
import { read } from '../../shared/read.ts';
import { OUR_LABELS } from '../../shared/render/labels.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { ExistingObject, Namespace } from '../../shared/snapshot.ts';
import { without } from './staged-version.ts';
import type { VersionWords } from './staged-version.ts';

interface Pods {
  desired: number;
  ready: number;
  trace: number;
}

export type { VersionWords };

export const SHOP = 'shop.example.com';
const START = Date.parse('2026-01-01T00:00:00Z');

/** How long after a write our own watch shows it. */
const ECHO = 20;

/**
 * A cluster in which time passes by hand: Deployments whose Pods do what a story says, and a controller that is nothing
 * but the core and the order in which its answers are carried out.
 */
export class TakeoverStage {
  readonly settings: Settings;
  readonly deployments = new Map<string, Deployment>();
  readonly namespaces = new Map<string, Namespace>();
  readonly services = new Map<string, TargetService>();
  readonly hosts = new Map<string, Host>();
  readonly routes = new Map<string, ExistingObject>();
  /** Everything that was said, each once. */
  readonly events: string[] = [];
  /** What was written since the story began, as `status`, `routes`, `retire`. */
  readonly writes: string[] = [];
  interruption: Interruption | undefined;
  /** The namespaces that are looked at; `undefined` = all. */
  watched: ReadonlySet<string> | undefined;
  /** The controller is killed after so many writes of a turn, and starts again. */
  writesPerTurn = Infinity;
  now = START;
  #seen = new Map<string, number>();
  #pods = new Map<string, Pods>();
  #created = 0;

  constructor(settings: Partial<Settings> = {}) {
    this.settings = { ...defaultSettings, upgrade: { strategy: 'replace', bake: 10_000, drain: 10_000 }, ...settings };
  }

  /** Applies a version of a model, whose Pods are not ready yet; a second time it changes what is said. */
  apply(version: string, words: VersionWords = {}): string {
    const { namespace = 'shop', model = 'a', hosts = [SHOP], replicas = 2, lines = [], mappings = [] } = words;
    const name = `web-${model}-${version.replace(/\D/g, '')}`;
    const key = `${namespace}/${name}`;
    const service = ['apiVersion: waymark.dev/v1', 'kind: InferenceService', 'type: web', `model: ${model}`];
    const document = [...service, `version: ${version}`, `hosts: [${hosts.join(', ')}]`, ...lines].join('\n');
    const before = this.deployments.get(key);
    this.deployments.set(key, {
      metadata: {
        name,
        namespace,
        uid: before?.metadata.uid ?? `${name}-${++this.#created}`,
        generation: (before?.metadata.generation ?? 0) + 1,
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date(this.now).toISOString().replace(/\.\d+/, ''),
        annotations: {
          ...before?.metadata.annotations,
          'waymark.dev/config': [document, ...mappings].join('\n---\n'),
          'waymark.dev/injected': '{}',
        },
      },
      spec: before?.spec ?? {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          spec: { containers: [{ name: 'main', image: `img:${version}`, ports: [{ containerPort: 8080 }] }] },
        },
      },
    });
    if (!before) this.#pods.set(key, { desired: replicas, ready: 0, trace: 0 });
    this.#settle(key);
    this.run();
    return name;
  }

  /** So many of its Pods are ready; all that are wanted, where no number is said. */
  ready(name: string, count?: number, namespace = 'shop'): void {
    const key = `${namespace}/${name}`;
    const pods = this.#pods.get(key);
    if (!pods) throw new Error(`no Pods of ${key}`);
    pods.ready = count ?? pods.desired;
    pods.trace++;
    this.#settle(key);
    this.run();
  }

  scale(name: string, replicas: number, namespace = 'shop'): void {
    this.#edit(name, namespace, one => ({ ...one, spec: { ...one.spec, replicas } }));
    const pods = this.#pods.get(`${namespace}/${name}`);
    if (pods) {
      pods.desired = replicas;
      if (pods.ready > replicas) {
        pods.ready = replicas;
        pods.trace++;
      }
    }
    this.#settle(`${namespace}/${name}`);
    this.run();
  }

  annotate(name: string, key: string, value: string | undefined, namespace = 'shop'): void {
    this.#edit(name, namespace, one => {
      const rest = without(one.metadata.annotations, key);
      return {
        ...one,
        metadata: { ...one.metadata, annotations: value === undefined ? rest : { ...rest, [key]: value } },
      };
    });
    this.run();
  }

  pin(name: string, isPinned = true): void {
    this.annotate(name, 'waymark.dev/active', isPinned ? 'true' : undefined);
  }

  /** Another Pod template, of whose Pods so many are ready. */
  retemplate(name: string, image: string, ready = 0): void {
    this.#edit(name, 'shop', one => ({
      ...one,
      spec: {
        ...one.spec,
        template: { spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 8080 }] }] } },
      },
    }));
    this.ready(name, ready);
  }

  remove(name: string, namespace = 'shop'): void {
    const key = `${namespace}/${name}`;
    this.deployments.delete(key);
    this.#pods.delete(key);
    this.services.delete(key);
    this.run();
  }

  /** Lets time pass; everything that falls due meanwhile is done in its moment. */
  wait(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const next = this.#nextTime();
      if (next === undefined || next > end) break;
      this.now = next;
      this.run();
    }
    this.now = end;
    this.run();
  }

  /** All turns that are due at this moment, until nothing changes any more. */
  run(): void {
    for (let round = 0; round < 20; round++) if (!this.#turn()) return;
    throw new Error(`no end of changes: ${this.writes.slice(-10).join(', ')}`);
  }

  member(name: string, host = SHOP): HostMember {
    const found = this.hosts.get(host)?.status?.members.find(one => one.name === name);
    if (!found) throw new Error(`no member ${name} of ${host}`);
    return found;
  }

  /** `web-a-2 Active, web-a-1 Draining`: the newest first, as the Host has it. */
  states(host = SHOP): string {
    const members = this.hosts.get(host)?.status?.members ?? [];
    return members.map(({ name, state }) => `${name} ${state}`).join(', ');
  }

  /** `web-a-2 80, web-a-1 20`: what the live routes send where. */
  shares(host = SHOP): string {
    const spec = this.routes.get(host)?.spec as { http?: { match?: unknown; route: Destination[] }[] } | undefined;
    const entry = spec?.http?.find(({ match }) => match === undefined);
    const texts = entry?.route.map(({ destination, weight = 100 }) => `${destination.host.split('.')[0]} ${weight}`);
    return texts?.join(', ') ?? '';
  }

  size(name: string, namespace = 'shop'): number {
    return this.deployments.get(`${namespace}/${name}`)?.spec.replicas ?? -1;
  }

  #edit(name: string, namespace: string, change: (one: Deployment) => Deployment): void {
    const key = `${namespace}/${name}`;
    const before = this.deployments.get(key);
    if (!before) throw new Error(`no Deployment ${key}`);
    const after = change(before);
    this.deployments.set(key, {
      ...after,
      metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 },
    });
  }

  /** What the deployment controller and the one for endpoints would say by now. */
  #settle(key: string): void {
    const one = this.deployments.get(key);
    const pods = this.#pods.get(key);
    if (!one || !pods) return;
    this.deployments.set(key, {
      ...one,
      status: {
        observedGeneration: one.metadata.generation ?? 0,
        replicas: pods.desired,
        updatedReplicas: pods.desired,
        readyReplicas: pods.ready,
        availableReplicas: pods.ready,
      },
    });
    this.services.set(key, { port: 8080, selects: true, ready: pods.ready, endpoints: String(pods.trace) });
  }

  #turn(): boolean {
    let isNew = false;
    for (const host of this.#hostNames()) {
      const { objects, hosts, statements, findings, frozen, wakeAt } = compile({
        settings: this.settings,
        now: this.now,
        deployments: [...this.deployments.values()],
        namespaces: this.namespaces,
        existing: [...this.routes.values()],
        istio: true,
        facts: this.#facts(),
        focus: hostGroup(host),
      });
      this.#wakes.set(host, wakeAt);
      const wanted = frozen.includes(hostGroup(host)) ? this.routes.get(host) : objects[0]?.object;
      const [outcome] = hosts;
      if (outcome) isNew = this.#carryOut(outcome, wanted) || isNew;
      for (const one of statements) this.#say(one);
      for (const one of findings) this.#tell(`${nameOf(one)} ${one.object.name}`);
    }
    return isNew;
  }

  #wakes = new Map<string, number | undefined>();

  #carryOut(outcome: HostOutcome, wanted: ExistingObject | undefined): boolean {
    const { host } = outcome;
    const begun = this.writes.length;
    const isKilled = () => this.writes.length - begun >= this.writesPerTurn;
    let isNew = false;
    const namespace = outcome.claim ?? outcome.transfer;
    if (namespace !== undefined) {
      const before = this.hosts.get(host);
      this.hosts.set(host, {
        ...before,
        metadata: {
          ...(before?.metadata ?? { labels: OUR_LABELS, uid: `host-${host}` }),
          name: host,
          generation: (before?.metadata.generation ?? 0) + 1,
        },
        spec: { ...before?.spec, namespace },
      });
      this.writes.push(outcome.claim === undefined ? 'transfer' : 'claim');
      isNew = true;
    }
    if (outcome.statusFirst) isNew = this.#writeStatus(outcome) || isNew;
    if (isKilled()) return true;
    isNew = this.#writeRoutes(host, wanted) || isNew;
    for (const step of outcome.steps) {
      if (isKilled()) return true;
      this.#takeStep(step);
      isNew = true;
    }
    if (isKilled()) return true;
    if (!outcome.statusFirst && !outcome.mayWait) isNew = this.#writeStatus(outcome) || isNew;
    if (outcome.isReleased && this.hosts.delete(host)) {
      this.writes.push('release');
      isNew = true;
    }
    return isNew;
  }

  #writeStatus({ host, status }: HostOutcome): boolean {
    const object = this.hosts.get(host);
    if (!status || !object || sameJson(object.status, status)) return false;
    this.hosts.set(host, { ...object, status: JSON.parse(JSON.stringify(status)) as typeof status });
    this.writes.push('status');
    return true;
  }

  #writeRoutes(host: string, wanted: ExistingObject | undefined): boolean {
    const live = this.routes.get(host);
    if (sameJson(live?.spec, wanted?.spec) && live?.metadata.namespace === wanted?.metadata.namespace) return false;
    if (wanted === undefined) this.routes.delete(host);
    else this.routes.set(host, { ...wanted, metadata: { ...wanted.metadata, uid: `routes-${host}` } });
    this.#seen.set(host, this.now + ECHO);
    this.writes.push('routes');
    return true;
  }

  #takeStep({ step, namespace, name, replicas, remembered }: ScaleStep): void {
    this.writes.push(`${step} ${name}`);
    const key = 'waymark.dev/replicas';
    this.#edit(name, namespace, one => {
      const rest = without(one.metadata.annotations, key);
      const annotations = remembered === undefined ? rest : { ...rest, [key]: String(remembered) };
      return { ...one, metadata: { ...one.metadata, annotations }, spec: { ...one.spec, replicas } };
    });
    const pods = this.#pods.get(`${namespace}/${name}`);
    if (pods) {
      pods.desired = replicas;
      pods.ready = Math.min(pods.ready, replicas);
      pods.trace++;
    }
    this.#settle(`${namespace}/${name}`);
  }

  #say({ object, reason }: Statement): void {
    this.#tell(`${reason} ${object.name}`);
  }

  #tell(text: string): void {
    if (!this.events.includes(text)) this.events.push(text);
  }

  #hostNames(): readonly string[] {
    const asked = [...this.deployments.values()].flatMap(one => this.#intent(one)?.service?.hosts ?? []);
    return [...new Set([...asked.map(({ value }) => value), ...this.hosts.keys(), ...this.routes.keys()])].sort();
  }

  #intent(one: Deployment) {
    return read(one, { settings: this.settings, namespaces: this.namespaces }).intent;
  }

  #nextTime(): number | undefined {
    const times = [...this.#wakes.values(), ...this.#seen.values()].filter(
      time => time !== undefined && time > this.now,
    );
    return times.length === 0 ? undefined : Math.min(...(times as number[]));
  }

  #facts(): ClusterFacts {
    const traffic: TrafficFacts = {
      areHostsServed: true,
      ...(this.watched && { watched: this.watched }),
      host: host => this.hosts.get(host),
      service: (namespace, name) => this.services.get(`${namespace}/${name}`),
      templateOf: (namespace, name) => JSON.stringify(this.deployments.get(`${namespace}/${name}`)?.spec.template),
      routeSeenSince: host => {
        const seen = this.#seen.get(host);
        return seen !== undefined && seen <= this.now ? seen : undefined;
      },
      hostsServedBy: (namespace, name) =>
        [...this.routes]
          .filter(([, route]) =>
            servicesOf(route, this.settings.clusterDomain).some(
              one => one.namespace === namespace && one.name === name,
            ),
          )
          .map(([host]) => host),
      contendedBy: () => undefined,
      sendersTo: () => [],
      upstream: () => undefined,
      namersOf: (namespace, name) =>
        [...this.deployments.values()].flatMap(one => {
          const service = this.#intent(one)?.service;
          const shares = [...(service?.split ?? []), ...(service?.mirror ?? [])];
          if (!shares.some(share => share.isPermitted && share.namespace === namespace && share.name === name))
            return [];
          return [
            {
              namespace: one.metadata.namespace,
              name: one.metadata.name,
              hosts: service?.hosts.map(({ value }) => value) ?? [],
            },
          ];
        }),
      interruption: this.interruption,
    };
    return { ...NO_FACTS, traffic };
  }
}

interface Destination {
  readonly destination: { readonly host: string };
  readonly weight?: number;
}
