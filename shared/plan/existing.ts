import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding, ObjectRef, Site } from '../findings/finding.ts';
import type { Owner } from '../render/labels.ts';
import type { ExistingObject, KubernetesObject } from '../snapshot.ts';
import { isOurs } from './live.ts';

/** What lives under a name, whatever version of its API it is read in. */
export class ExistingObjects {
  readonly #byName: ReadonlyMap<string, ExistingObject>;

  constructor(objects: readonly ExistingObject[]) {
    this.#byName = new Map(objects.map(object => [keyOf(object), object]));
  }

  /** The object that stands where `wanted` would be written and is not ours. */
  foreign(wanted: KubernetesObject, owner: Owner | undefined): ExistingObject | undefined {
    const found = this.#byName.get(keyOf(wanted));
    return found && !isOurs(found, owner) ? found : undefined;
  }
}

function keyOf({ kind, metadata: { namespace, name } }: ExistingObject | KubernetesObject): string {
  return `${kind}/${namespace}/${name}`;
}

export function notOwned(
  object: ObjectRef,
  { kind, metadata: { namespace, name } }: ExistingObject,
  site: Site = fieldSite('metadata', 'name'),
): Finding {
  return finding('NotOwned', {
    object,
    site,
    must: `must find no other ${kind} under the name that its own one has`,
    found: `but ${kind} ${namespace}/${name} exists and is not made by Waymark for it`,
    fix: `rename or delete ${kind} ${namespace}/${name}, or rename this one`,
    related: [{ object: { kind, namespace, name }, site: fieldSite('metadata', 'name'), message: 'exists here' }],
  });
}
