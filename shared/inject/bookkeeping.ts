import type { Deployment } from '../deployment.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { PatchOperation } from '../patch.ts';
import { dropKey, putKey } from '../render/json-patch.ts';
import type { Injection } from './inject.ts';
import { INJECTED, parseRecord } from './record.ts';
import type { InjectedRecord } from './record.ts';

/** The size that a Deployment had before it was retired; the controller writes it. */
export const REPLICAS = 'waymark.dev/replicas';

const ANNOTATIONS_PATH = ['metadata', 'annotations'] as const;

export interface Bookkeeping {
  readonly findings: readonly Finding[];
  readonly patch: readonly PatchOperation[];
  /** Key → value that it must have; `undefined` = it must not be there. */
  readonly annotations: ReadonlyMap<string, string | undefined>;
}

/**
 * The annotations that only Waymark writes. A user may send them back as they are or leave them out, and they stay; on a
 * new object they are dropped. They go with the annotation that they belong to (`annotated` false).
 */
export function keepBookkeeping(
  object: Deployment,
  old: Deployment | undefined,
  annotated: boolean,
  { record, kept }: Injection,
): Bookkeeping {
  const given = object.metadata.annotations;
  const stored = old?.metadata.annotations;
  const wanted = new Map<string, string | undefined>([
    [INJECTED, record?.text],
    [REPLICAS, annotated ? stored?.[REPLICAS] : undefined],
  ]);
  const patch: PatchOperation[] = [];
  for (const [key, value] of wanted) {
    patch.push(
      ...(value === undefined ? dropKey(ANNOTATIONS_PATH, given, key) : putKey(ANNOTATIONS_PATH, given, key, value)),
    );
  }
  const isForeign = (key: string): boolean => {
    const text = given?.[key];
    if (text === undefined || text === stored?.[key]) return false;
    return !(key === INJECTED && record && isOurOutput(text, stored?.[key], record.value, old ? namesOf(kept) : NONE));
  };
  const findings = [...wanted.keys()].filter(isForeign).map(key => (old ? changed(object, key) : dropped(object, key)));
  return { findings, patch, annotations: wanted };
}

const NONE: InjectedRecord = new Map<string, never>();

function namesOf(kept: Injection['kept']): InjectedRecord {
  const names = new Map<string, Set<string>>();
  for (const { place, index } of kept) {
    const { name, env } = place.container;
    const known = names.get(name) ?? new Set();
    names.set(name, known.add(env?.[index]?.name ?? ''));
  }
  return names;
}

/**
 * Whether a record can be what we answered before: in an earlier round of this very request, since when another webhook
 * may have added containers or changed entries, or to an earlier request that is brought back (`kubectl rollout undo`).
 * It then names nothing but what is ours now or has just become the user's, and in each of its containers all that was
 * ours before and still is.
 */
function isOurOutput(given: string, stored: string | undefined, record: InjectedRecord, lost: InjectedRecord): boolean {
  const claim = parseRecord(given);
  if (!claim || claim.size === 0) return false;
  const before = parseRecord(stored);
  return [...claim].every(([container, names]) => {
    const ours = record.get(container);
    return (
      ours !== undefined &&
      [...names].every(name => ours.has(name) || lost.get(container)?.has(name) === true) &&
      [...(before?.get(container) ?? [])].every(name => names.has(name) || !ours.has(name))
    );
  });
}

function changed(object: Deployment, key: string): Finding {
  return finding('BookkeepingChanged', {
    ...siteOf(object, key),
    must: 'must be sent back as it is stored, or left out',
    found: 'but is changed',
    fix: `take \`${key}\` out of the manifest`,
  });
}

function dropped(object: Deployment, key: string): Finding {
  return finding('BookkeepingDropped', {
    ...siteOf(object, key),
    must: 'must be left out of a new Deployment',
    found: 'and is dropped',
    fix: `take \`${key}\` out of the manifest`,
  });
}

function siteOf({ metadata: { namespace, name } }: Deployment, key: string): Pick<Finding, 'object' | 'site' | 'path'> {
  return {
    object: { kind: 'Deployment', namespace, name },
    site: fieldSite(...ANNOTATIONS_PATH, key),
    path: key,
  };
}
