import { readObject } from '../kube/read-object.ts';
import { RESOURCES, objectPath } from '../kube/resources.ts';
import type { Change, KubeClient } from '../kube/types.ts';
import { servedIds } from '../shared/values/external-ports.ts';
import type { NumberedService } from '../shared/values/external-ports.ts';
import { isLabelledOurs } from '../shared/render/labels.ts';
import { externalServiceName } from '../shared/render/names.ts';
import type { ExternalSettings } from '../shared/settings.ts';
import type { ExistingObject } from '../shared/snapshot.ts';

/** Which numbers live Services have, as the watches tell. Holders are `<namespace>/<name>` of a Deployment. */
export interface ServedIds {
  of(holder: string): readonly number[];
  all(): Iterable<readonly [holder: string, ids: readonly number[]]>;
  /** A Service came, went or changed; answers whose it is when it has lost a number. */
  changed(change: Change<ExistingObject>): string | undefined;
}

export function createServedIds(settings: ExternalSettings): ServedIds {
  const byHolder = new Map<string, readonly number[]>();
  return {
    of: holder => byHolder.get(holder) ?? [],
    all: () => byHolder.entries(),
    changed({ before, after }) {
      const holder = holderOf(after) ?? holderOf(before);
      if (holder === undefined) return undefined;
      const known = byHolder.get(holder) ?? [];
      const ids = idsOf(after, settings);
      if (ids.length === 0) byHolder.delete(holder);
      else byHolder.set(holder, ids);
      return known.some(id => !ids.includes(id)) ? holder : undefined;
    },
  };
}

/**
 * The numbers that the Service of a Deployment has by what the API server says now, also while it waits to go. Rejects
 * with KubeError.
 */
export async function liveIds(
  client: KubeClient,
  holder: string,
  settings: ExternalSettings,
): Promise<readonly number[]> {
  const [namespace = '', name = ''] = holder.split('/');
  const path = objectPath(RESOURCES.services, namespace, externalServiceName(name));
  const found = await readObject(client, path);
  if (found === undefined || !isLabelledOurs(found.metadata.labels)) return [];
  return servedIds(settings, found['spec'] as NumberedService);
}

/** Whether a Service has the name of one for access by address and port. */
export function isExternalName(name: string): boolean {
  return name.endsWith(SUFFIX);
}

const SUFFIX = externalServiceName('');

/** The name of the Deployment whose Service has such a name; a name of another form is its own. */
export function deploymentOfExternal(service: string): string {
  return isExternalName(service) ? service.slice(0, -SUFFIX.length) : service;
}

/** Of the Service's name, since an orphan has no owner any more, and its ports all the same. */
function holderOf(service: ExistingObject | undefined): string | undefined {
  if (service?.kind !== 'Service' || !isExternalName(service.metadata.name)) return undefined;
  return `${service.metadata.namespace}/${deploymentOfExternal(service.metadata.name)}`;
}

function idsOf(service: ExistingObject | undefined, settings: ExternalSettings): readonly number[] {
  if (!service || !isLabelledOurs(service.metadata.labels)) return [];
  return servedIds(settings, service.spec as NumberedService);
}
