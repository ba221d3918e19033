import type { Container, Deployment, EnvVar } from '../deployment.ts';
import { sameRecord } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { sameEntry, sameEnv, sharesOf } from './env.ts';
import type { Shares } from './env.ts';
import type { InjectedRecord } from './record.ts';

export const CONTAINER_LISTS = ['containers', 'initContainers'] as const;
export type ContainerList = (typeof CONTAINER_LISTS)[number];

export interface Place {
  readonly list: ContainerList;
  readonly index: number;
  readonly container: Container;
}

/** Every container that is given variables. */
export function placesOf(deployment: Deployment): readonly Place[] {
  const { spec } = deployment.spec.template;
  return CONTAINER_LISTS.flatMap(list => (spec[list] ?? []).map((container, index) => ({ list, index, container })));
}

/** The stored entries that are ours: container name → variable → entry, as the old object holds it. */
export type StoredEntries = ReadonlyMap<string, ReadonlyMap<string, EnvVar>>;

export function storedEntries(old: Deployment, record: InjectedRecord): StoredEntries {
  const stored = new Map<string, ReadonlyMap<string, EnvVar>>();
  for (const { container } of placesOf(old)) {
    const names = record.get(container.name);
    if (!names) continue;
    const entries = new Map<string, EnvVar>();
    for (const entry of container.env ?? []) {
      if (names.has(entry.name) && !entries.has(entry.name)) entries.set(entry.name, entry);
    }
    stored.set(container.name, entries);
  }
  return stored;
}

/** Whether every container was looked at when it was stored, and holds what was written into it then. */
export function isComplete(old: Deployment, record: InjectedRecord, stored: StoredEntries): boolean {
  return placesOf(old).every(({ container: { name } }) => {
    const entries = stored.get(name);
    return entries !== undefined && [...(record.get(name) ?? [])].every(wanted => entries.has(wanted));
  });
}

/** Whether an entry of the container of this name is ours, and nobody has changed it. */
export type IsOurs = (container: string, entry: EnvVar) => boolean;

/** Whether two pod templates are equal once our entries are taken out of both. */
export function sameTemplate(a: Deployment, b: Deployment, isOurs: IsOurs): boolean {
  const left = a.spec.template as Template;
  const right = b.spec.template as Template;
  return (
    sameRecord(left, right, SPEC) &&
    sameRecord(left.spec, right.spec, LISTS) &&
    CONTAINER_LISTS.every(list => sameContainers(left.spec[list] ?? [], right.spec[list] ?? [], isOurs))
  );
}

type Template = JsonObject & { readonly spec: JsonObject & Partial<Record<ContainerList, readonly Container[]>> };

const SPEC: ReadonlySet<string> = new Set(['spec']);
const LISTS: ReadonlySet<string> = new Set(CONTAINER_LISTS);
const ENV: ReadonlySet<string> = new Set(['env']);

function sameContainers(a: readonly Container[], b: readonly Container[], isOurs: IsOurs): boolean {
  return (
    a.length === b.length &&
    a.every((container, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        sameRecord(container as unknown as JsonObject, other as unknown as JsonObject, ENV) &&
        (sameEnv(container.env ?? [], other.env ?? []) ||
          sameEnv(sharesIn(container, isOurs).theirs, sharesIn(other, isOurs).theirs))
      );
    })
  );
}

export function sharesIn({ name, env = [] }: Container, isOurs: IsOurs): Shares {
  return sharesOf(env, entry => isOurs(name, entry));
}

export function isStored(entry: EnvVar, entries: ReadonlyMap<string, EnvVar> | undefined): boolean {
  const stored = entries?.get(entry.name);
  return stored !== undefined && sameEntry(entry, stored);
}
