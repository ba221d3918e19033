import type { Deployment } from '../deployment.ts';
import { compareCodePoints } from '../json.ts';

/** Says, on the Deployment, which variables the webhook wrote into which container. */
export const INJECTED = 'waymark.dev/injected';

/** Container name → names of the variables in it that are ours. A container that was looked at is always there. */
export type InjectedRecord = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * `undefined` for no text, and for one that no version of Waymark can have written: a later one may name variables that
 * this one does not know.
 */
export function parseRecord(text: string | undefined): InjectedRecord | undefined {
  // Most objects have none, and an exception costs more than all the rest of their injection.
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const record = new Map<string, ReadonlySet<string>>();
  for (const [container, names] of Object.entries(value)) {
    if (!Array.isArray(names) || !names.every(name => typeof name === 'string')) return undefined;
    record.set(container, new Set(names));
  }
  return record;
}

/** Canonical: containers and names sorted, so that equal records are equal texts. */
export function printRecord(record: InjectedRecord): string {
  const containers = [...record].sort(([a], [b]) => compareCodePoints(a, b));
  return JSON.stringify(Object.fromEntries(containers.map(([name, names]) => [name, [...names].sort()])));
}

/** Whether the webhook has looked at every container of a stored Deployment. */
export function isInjected({ metadata, spec }: Deployment): boolean {
  const record = parseRecord(metadata.annotations?.[INJECTED]);
  if (!record) return false;
  const { containers, initContainers = [] } = spec.template.spec;
  return [...containers, ...initContainers].every(({ name }) => record.has(name));
}
