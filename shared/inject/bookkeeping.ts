import type { Deployment } from '../deployment.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { PatchOperation } from '../patch.ts';
import { dropKey, putKey } from '../render/json-patch.ts';
import type { Injection } from './inject.ts';
import { INJECTED, isWithin, parseRecord } from './record.ts';
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
  record: Injection['record'],
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
  const findings = [...wanted.keys()]
    .filter(key => isForeign(key, given?.[key], stored?.[key], record?.value))
    .map(key => (old ? changed(object, key) : dropped(object, key)));
  return { findings, patch, annotations: wanted };
}

function isForeign(
  key: string,
  given: string | undefined,
  stored: string | undefined,
  record: InjectedRecord | undefined,
): boolean {
  if (given === undefined || given === stored) return false;
  return !(key === INJECTED && record && isOurOutput(given, stored, record));
}

/**
 * Whether a record can be what we answered in an earlier round of this very request; another webhook may have added
 * containers since. It then names nothing that we would not write now, and in each of its containers all that was ours
 * before and still is.
 */
function isOurOutput(given: string, stored: string | undefined, record: InjectedRecord): boolean {
  const claim = parseRecord(given);
  if (!claim || claim.size === 0 || !isWithin(claim, record)) return false;
  const before = stored === undefined ? undefined : parseRecord(stored);
  return [...claim].every(([container, names]) =>
    [...(before?.get(container) ?? [])].every(name => names.has(name) || !record.get(container)?.has(name)),
  );
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
