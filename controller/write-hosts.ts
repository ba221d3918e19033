import { KubeError, isConflict, isNotFound } from '../kube/kube-error.ts';
import { listProjected } from '../kube/list.ts';
import { RESOURCES, collectionPath, objectPath } from '../kube/resources.ts';
import type { Known } from '../kube/ahead.ts';
import type { KubeClient, KubeObject, RequestOptions } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { HostOutcome } from '../shared/compilation.ts';
import type { Host, HostStatus } from '../shared/host.ts';
import { sameJson } from '../shared/json.ts';
import { FIELD_MANAGER, OUR_LABELS } from '../shared/render/labels.ts';
import { CacheBehind } from './cache-behind.ts';
import type { World } from './observe.ts';
import { projectDeployment } from './projections.ts';
import { takeoverIn } from './takeovers.ts';
import type { TakeoverResult } from './takeovers.ts';

export interface HostWriterOptions {
  readonly world: Pick<World, 'hosts' | 'deployments'>;
  readonly client: KubeClient;
  /** Rejects when another process leads. */
  readonly fence: () => Promise<void>;
  readonly onWrite: (kind: string, verb: 'create' | 'patch' | 'delete') => void;
  /** A Host says from now on that another version leads. */
  readonly onTakeover: (result: TakeoverResult) => void;
  readonly log: Logger;
}

/** Claims, hands over, describes and gives up Hosts. Everything rejects with KubeError, or with CacheBehind. */
export interface HostWriter {
  /** Before anything of the hosts is routed. Rejects when somebody else was faster. */
  own(outcomes: readonly HostOutcome[]): Promise<void>;
  describe(outcomes: readonly HostOutcome[]): Promise<void>;
  /** The routes could not be written: they stand as they stood, and so does what is said of them. */
  describeFailure(outcomes: readonly HostOutcome[], error: unknown): Promise<void>;
  release(outcomes: readonly HostOutcome[]): Promise<void>;
}

const RESOURCE = RESOURCES.hosts;
const MANAGER = `fieldManager=${FIELD_MANAGER}`;

export function createHostWriter({ world, client, fence, onWrite, onTakeover, log }: HostWriterOptions): HostWriter {
  const { hosts, deployments } = world;

  function known(host: string): Known<Host> {
    const found = hosts.get('', host);
    if (found === undefined) throw new CacheBehind(`Host ${host}`);
    return found;
  }

  /** What stood in the way is looked at, so that the next turn is decided on it. */
  async function request(host: string, options: Omit<RequestOptions, 'path'> & { path?: string }): Promise<KubeObject> {
    const path = objectPath(RESOURCE, '', host);
    try {
      return (await client.request({ path, ...options })) as KubeObject;
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      await look(host, path);
      throw new CacheBehind(`Host ${host}`);
    }
  }

  async function look(host: string, path: string): Promise<void> {
    try {
      hosts.wrote((await client.request({ path })) as KubeObject);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const stale = hosts.get('', host);
      if (stale !== undefined) hosts.removed('', host, stale);
    }
  }

  /**
   * That the owner's Deployments have been judged as they stand, asked of the API server itself: a watch through which
   * nothing came may cost nobody his host.
   */
  async function confirmOwner(host: string): Promise<void> {
    const { namespace } = known(host).value.spec;
    const path = collectionPath(RESOURCES.deployments, namespace);
    const project = (object: KubeObject) => projectDeployment(object)?.metadata;
    const { items } = await listProjected(client, path, new URLSearchParams(), new AbortController().signal, project);
    for (const { name, uid, generation } of items) {
      const seen = deployments.get(namespace, name)?.value.deployment.metadata;
      if (seen?.uid !== uid || seen?.generation !== generation)
        throw new CacheBehind(`Deployment ${namespace}/${name}`);
    }
  }

  async function claim(host: string, namespace: string): Promise<void> {
    onWrite(RESOURCE.kind, 'create');
    const { apiVersion, kind } = RESOURCE;
    const body = { apiVersion, kind, metadata: { name: host, labels: OUR_LABELS }, spec: { namespace } };
    const path = `${collectionPath(RESOURCE)}?${MANAGER}`;
    hosts.wrote(await request(host, { method: 'POST', path, body }));
    log.info({ host, namespace }, 'host claimed');
  }

  async function patch(host: string, subresource: '' | '/status', content: object): Promise<void> {
    const { uid, resourceVersion } = known(host);
    onWrite(RESOURCE.kind, 'patch');
    hosts.wrote(
      await request(host, {
        method: 'PATCH',
        path: `${objectPath(RESOURCE, '', host)}${subresource}?${MANAGER}`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid, resourceVersion }, ...content },
      }),
    );
  }

  async function writeStatus(host: string, status: HostStatus): Promise<void> {
    const before = known(host).value.status;
    if (before !== undefined && sameJson(before, status)) return;
    const gone = Object.keys(before ?? {}).filter(key => !Object.hasOwn(status, key));
    await patch(host, '/status', { status: { ...Object.fromEntries(gone.map(key => [key, null])), ...status } });
    const result = takeoverIn(before, status);
    if (result !== undefined) onTakeover(result);
  }

  return {
    async own(outcomes) {
      for (const { host, claim: claimant, transfer } of outcomes) {
        if (claimant !== undefined) await claim(host, claimant);
        if (transfer === undefined) continue;
        await fence();
        await patch(host, '', { spec: { namespace: transfer } });
        log.info({ host, namespace: transfer }, 'host handed over');
      }
    },

    async describe(outcomes) {
      for (const { host, status, mayWait, isReleased } of outcomes) {
        if (status !== undefined && !mayWait && !isReleased) await writeStatus(host, status);
      }
    },

    async describeFailure(outcomes, error) {
      if (!isFailure(error)) return;
      for (const { host, status, isReleased } of outcomes) {
        const before = hosts.get('', host)?.value.status;
        const standing = before ?? status;
        if (standing !== undefined && !isReleased)
          await writeStatus(host, unprogrammed(standing, before, error, client.serverTime()));
      }
    },

    async release(outcomes) {
      for (const { host, isReleased } of outcomes) {
        if (!isReleased) continue;
        const { uid, resourceVersion } = known(host);
        await confirmOwner(host);
        await fence();
        onWrite(RESOURCE.kind, 'delete');
        const preconditions = { uid, resourceVersion };
        await request(host, {
          method: 'DELETE',
          body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions },
        });
        hosts.removed('', host, { uid, resourceVersion });
        log.info({ host }, 'host given up');
      }
    },
  };
}

/** A decision that has to be made anew is none, nor is a process that must not write any more. */
function isFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isFailure);
  return error instanceof KubeError && !isConflict(error);
}

/** All that was said, and that it is not what gateways have. */
function unprogrammed(status: HostStatus, before: HostStatus | undefined, error: unknown, now: number): HostStatus {
  const standing = before?.conditions.find(({ type }) => type === 'Programmed');
  const message = `the routes could not be written: ${error instanceof Error ? error.message : String(error)}`;
  const written = status.conditions.find(({ type }) => type === 'Programmed');
  const programmed = {
    ...written,
    type: 'Programmed' as const,
    status: 'False' as const,
    reason: 'WriteFailed',
    message,
    lastTransitionTime: standing?.status === 'False' ? standing.lastTransitionTime : new Date(now).toISOString(),
  };
  return {
    ...status,
    conditions: status.conditions.map(one => (one.type === 'Programmed' ? programmed : one)),
  };
}
