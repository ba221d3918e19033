import type { Host, HostMember, MemberState } from '../../../shared/host.ts';
import { eventually } from '../eventually.ts';
import { createNamespace } from '../manifests.ts';
import type { Manifest } from '../manifests.ts';
import { list, pathOf, readDeployment } from '../objects.ts';
import type { LiveObject } from '../objects.ts';
import type { World } from '../world.ts';
import type { Generator, Traffic } from './traffic.ts';
import { nameOf, versionOf } from './version.ts';
import type { VersionOptions } from './version.ts';

/**
 * A Pod must start, be seen by Kubernetes, and by us; and when nobody has looked for a while, `bake` and `drain` last half a minute each.
 * Whoever looks all the time takes from the API server what others need.
 */
const WITHIN = { within: 90_000, every: 200 };
/** Requests that show where all of them go. */
const IN_A_ROW = Array.from({ length: 10 });
const HOSTS = '/apis/waymark.dev/v1/hosts';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

export interface Pod extends LiveObject {
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** By name of the Deployment. */
export type States = Readonly<Record<string, MemberState>>;

/** One host and the namespace of its versions: what happens here does not touch the other scenes of a cluster. */
export interface Scene {
  readonly world: World;
  readonly namespace: string;
  readonly host: string;
  /** Sends requests to the host from now on. */
  traffic(options?: { readonly host?: string; readonly rate?: number }): Traffic;
  /** Stores a version as its team would, by server-side apply. */
  apply(version: number, options?: VersionOptions): Promise<Manifest>;
  /** The first version, with its traffic: it leads, and all its Pods are up. */
  begin(options?: VersionOptions, rate?: number): Promise<Traffic>;
  pin(version: number, model?: string): Promise<void>;
  unpin(version: number, model?: string): Promise<void>;
  remove(version: number, model?: string): Promise<void>;
  /**
   * Waits until these members of the host (or another one) are in these states, and no Pod is left of those that are retired:
   * whoever still sends to them would be seen. Resolves with all members.
   */
  reach(states: States, host?: string): Promise<readonly HostMember[]>;
  members(host?: string): Promise<readonly HostMember[]>;
  /** Waits until the gateway sends all requests to one version. */
  servedBy(version: number): Promise<void>;
  sizeOf(version: number, model?: string): Promise<number>;
  /** Those that are not about to go, by name. */
  pods(version: number, model?: string): Promise<readonly Pod[]>;
  untilReady(version: number, count: number, model?: string): Promise<readonly Pod[]>;
  /** Removes the namespace and all in it. */
  end(): Promise<void>;
}

export async function openScene(world: World, generator: Generator, name: string): Promise<Scene> {
  const { cluster } = world;
  const namespace = `scene-${name}`;
  const host = `${name}.example.org`;
  await createNamespace(cluster, namespace);

  async function expectOk(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await cluster.api(method, path, body, contentType);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  const annotate = (version: number, model: string | undefined, value: string | null) =>
    expectOk(
      'PATCH',
      pathOf('Deployment', namespace, nameOf(version, model)),
      { metadata: { annotations: { 'waymark.dev/active': value } } },
      MERGE,
    );

  /** Those that are about to go too. */
  function podsOf(deployment: string): Promise<readonly Pod[]> {
    return list<Pod>(cluster, 'Pod', namespace, `?labelSelector=app%3D${deployment}`);
  }

  async function pods(version: number, model?: string): Promise<readonly Pod[]> {
    const found = await podsOf(nameOf(version, model));
    return found.filter(({ metadata }) => !('deletionTimestamp' in metadata));
  }

  const scene: Scene = {
    world,
    namespace,
    host,
    traffic: ({ host: other = host, rate } = {}) => generator.start(other, rate === undefined ? {} : { rate }),
    async apply(version, options) {
      const manifest = versionOf(namespace, version, { host, ...options });
      const path = `${pathOf('Deployment', namespace, manifest.metadata.name)}?fieldManager=team&force=true`;
      await expectOk('PATCH', path, manifest, APPLY);
      return manifest;
    },
    async begin(options, rate) {
      await scene.apply(1, options);
      const { replicas = 2, model } = options ?? {};
      await scene.untilReady(1, replicas, model);
      await scene.reach({ [nameOf(1, model)]: 'Active' });
      await answering(world, host);
      return scene.traffic(rate === undefined ? {} : { rate });
    },
    async pin(version, model) {
      await annotate(version, model, 'true');
    },
    async unpin(version, model) {
      await annotate(version, model, null);
    },
    async remove(version, model) {
      await expectOk('DELETE', pathOf('Deployment', namespace, nameOf(version, model)));
    },
    async reach(states, of = host) {
      const reached = await eventually(async () => {
        const members = await scene.members(of);
        const seen = Object.keys(states).map(each => [each, members.find(({ name }) => name === each)?.state]);
        const differs = seen.some(([each = '', state]) => state !== states[each]);
        if (differs) throw new Error(`${of} should be ${JSON.stringify(states)}, and is ${told(members)}`);
        return members;
      }, WITHIN);
      const retired = Object.keys(states).filter(each => states[each] === 'Retired');
      await eventually(async () => {
        const left = (await Promise.all(retired.map(each => podsOf(each)))).flat();
        if (left.length > 0) throw new Error(`${left.length} Pods of retired versions are left`);
      }, WITHIN);
      return reached;
    },
    members: async (of = host) => (await hostOf(world, of))?.status?.members ?? [],
    async servedBy(version) {
      await eventually(async () => {
        const answers = await Promise.all(IN_A_ROW.map(() => cluster.send({ host, path: '/' })));
        const others = answers.filter(({ headers }) => headers['x-echo-pod']?.startsWith(nameOf(version)) !== true);
        if (others.length > 0) throw new Error(`${others.length} of ${IN_A_ROW.length} requests go elsewhere`);
      }, WITHIN);
    },
    async sizeOf(version, model) {
      return (await readDeployment(cluster, namespace, nameOf(version, model))).spec.replicas ?? 1;
    },
    pods,
    untilReady: (version, count, model) =>
      eventually(async () => {
        const found = await pods(version, model);
        const ready = found.filter(isReady);
        if (ready.length < count) throw new Error(`${nameOf(version, model)} has ${ready.length} of ${count} Pods`);
        return ready;
      }, WITHIN),
    async end() {
      await expectOk('DELETE', `/api/v1/namespaces/${namespace}`);
    },
  };
  return scene;
}

/** `undefined` = there is none. */
export async function hostOf({ cluster }: World, host: string): Promise<Host | undefined> {
  const { status, body } = await cluster.api('GET', `${HOSTS}/${host}`);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`GET ${HOSTS}/${host}: ${status} ${JSON.stringify(body)}`);
  return body as Host;
}

/** The gateway follows the routes within moments. */
async function answering({ cluster }: World, host: string): Promise<void> {
  await eventually(async () => {
    const { status } = await cluster.send({ host, path: '/' });
    if (status !== 200) throw new Error(`${host} is answered with ${status}`);
  }, WITHIN);
}

/** When the last of them became ready: milliseconds since the epoch. */
export function lastReady(pods: readonly Pod[]): number {
  const times = pods.map(
    ({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '',
  );
  return Math.max(...times.map(time => Date.parse(time)));
}

function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

function told(members: readonly HostMember[]): string {
  const lines = members.map(({ name, state, reason, message }) => `${name} ${state} (${reason}: ${message})`);
  return lines.length === 0 ? 'without members' : lines.join('; ');
}
