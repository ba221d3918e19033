import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding, ObjectRef, Site } from '../findings/finding.ts';
import { FIELD_MANAGER, MANAGED_BY, isLabelledOurs } from '../render/labels.ts';
import type { Owner } from '../render/labels.ts';
import type { ExistingObject, KubernetesObject } from '../snapshot.ts';
import { controllerOf, isOurs } from './live.ts';

/** What lives under a name, whatever version of its API it is read in. */
export class ExistingObjects {
  readonly #byName: ReadonlyMap<string, ExistingObject>;

  constructor(objects: readonly ExistingObject[]) {
    this.#byName = new Map(objects.map(object => [keyOf(object), object]));
  }

  /** Whether anything lives under the name of `wanted`. */
  has(wanted: KubernetesObject): boolean {
    return this.#byName.has(keyOf(wanted));
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

/** Of two rules for one host Istio takes some of each. */
export function ruledElsewhere(object: ObjectRef, host: string, live: ExistingObject, site: Site): Finding {
  const { namespace, name } = live.metadata;
  const what = `${live.kind} ${namespace}/${name}`;
  return finding('NotOwned', {
    object,
    site,
    must: `must find no other ${live.kind} for '${host}'`,
    found: `but ${what} is one, and not made by Waymark`,
    fix: `delete ${what}, or take out the fields that say how connections are made`,
    related: [
      { object: { kind: live.kind, namespace, name }, site: fieldSite('spec', 'host'), message: 'exists here' },
    ],
  });
}

export function notOwned(object: ObjectRef, live: ExistingObject, site: Site = fieldSite('metadata', 'name')): Finding {
  const { namespace, name } = live.metadata;
  const ref = { kind: live.kind, namespace, name };
  return finding('NotOwned', {
    object,
    site,
    must: `must find no other ${live.kind} under the name that its own one has`,
    ...whyForeign(object, live),
    related: [{ object: ref, site: fieldSite('metadata', 'name'), message: 'exists here' }],
  });
}

/** What we made ourselves stops being ours too, and then something else helps than another name. */
function whyForeign(object: ObjectRef, live: ExistingObject): Pick<Finding, 'found' | 'fix'> {
  const { namespace, name, labels } = live.metadata;
  const what = `${live.kind} ${namespace}/${name}`;
  const owner = controllerOf(live);
  const isOfThisName = owner?.kind === 'Deployment' && owner.name === object.name && namespace === object.namespace;
  if (isOfThisName && !isLabelledOurs(labels)) {
    return {
      found: `but ${what} exists without the label \`${MANAGED_BY}: ${FIELD_MANAGER}\``,
      fix: `give ${what} this label back, or delete it: it is made anew`,
    };
  }
  if (isOfThisName) {
    return {
      found: `but ${what} exists and belongs to a Deployment of this name that is gone`,
      fix: 'wait: Kubernetes removes it, and then it is made anew',
    };
  }
  if (owner === undefined && isLabelledOurs(labels)) {
    return {
      found: `but ${what} exists and belongs to no Deployment any more`,
      fix: `delete ${what}: it is made anew`,
    };
  }
  return {
    found: `but ${what} exists and is not made by Waymark for it`,
    fix: `rename or delete ${what}, or rename this one`,
  };
}
