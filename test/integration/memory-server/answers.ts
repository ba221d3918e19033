import { leaveOut } from '../../simulator/api-server/json.ts';
import type { ManagedFields } from '../../simulator/api-server/managed-fields.ts';
import type { Memory, Shown } from './calls.ts';

/** An answer without what no two servers have in common, so that two of them can be compared. */
export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export interface Notebook extends Memory {
  /** Remembers an answer, and gives it in comparable form. */
  note(answer: Answered): Answered;
}

type Fields = Readonly<Record<string, unknown>>;

/** What one server has said. Versions and uids are told apart by when they were seen first. */
export function createNotebook(): Notebook {
  const shown = new Map<string, Shown>();
  const versions = new Map<string, string[]>();
  const uids: string[] = [];
  let continued = '';

  function versionOf(name: string, version: string): string {
    const known = versions.get(name) ?? [];
    if (!known.includes(version)) known.push(version);
    versions.set(name, known);
    return `version ${known.indexOf(version) + 1} of ${name}`;
  }

  function uidOf(uid: string): string {
    if (!uids.includes(uid)) uids.push(uid);
    return `uid ${uids.indexOf(uid) + 1}`;
  }

  function comparable(object: Shown): unknown {
    const { uid, resourceVersion } = object.metadata;
    const { managedFields, ...metadata } = leaveOut(object.metadata, 'uid', 'resourceVersion', 'creationTimestamp');
    const name = String(metadata['name']);
    const { spec } = object;
    return {
      ...object,
      metadata: {
        ...metadata,
        uid: uidOf(uid),
        resourceVersion: versionOf(name, resourceVersion),
        ...(managedFields !== undefined && { managedFields: comparableFields(managedFields as ManagedFields[]) }),
      },
      ...(isObject(spec) && { spec: leaveOut(spec, ...ADDRESSES) }),
    };
  }

  return {
    object(name) {
      const found = shown.get(name);
      if (found === undefined) throw new Error(`no answer has shown ${name}`);
      return found;
    },
    version: (name, ordinal) => versions.get(name)?.[ordinal - 1] ?? 'none',
    continued: () => continued,

    note({ status, body }) {
      if (!isObject(body)) return { status, body: kindOfText(body) };
      if (body['kind'] === 'Status') return { status, body: refusal(body) };
      const items = body['items'] as readonly Shown[] | undefined;
      if (items !== undefined) {
        continued = (body['metadata'] as { continue?: string }).continue ?? '';
        return { status, body: { kind: body['kind'], more: continued !== '', items: items.map(comparable) } };
      }
      const object = body as unknown as Shown;
      const form = comparable(object);
      shown.set(String(object.metadata['name']), object);
      return { status, body: form };
    },
  };
}

/** Of a refusal: what a program could go by. */
function refusal(body: Fields): unknown {
  const { reason, code } = body;
  const { name, kind, group, causes } = (body['details'] ?? {}) as Fields;
  const fields = ((causes ?? []) as readonly { reason: string; field: string }[])
    .filter(cause => cause.reason === 'FieldManagerConflict')
    .map(({ field }) => field)
    .toSorted();
  return { reason, code, name, kind, group, conflicts: fields };
}

/**
 * Of a field manager that updates, only the leaves: whether it also owns what they lie in depends on which fields a
 * type of Go leaves out when they are empty, and means nothing to anybody.
 */
function comparableFields(entries: readonly (ManagedFields & { readonly time?: string })[]): unknown {
  return entries
    .map(entry => ({
      ...leaveOut(entry, 'time'),
      fieldsV1: entry.operation === 'Update' ? withoutDots(entry.fieldsV1) : entry.fieldsV1,
    }))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ manager, operation, subresource = '' }: Omit<ManagedFields, 'fieldsV1'>): string {
  return [manager, operation, subresource].join(' ');
}

function withoutDots(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([step]) => step !== '.')
      .map(([step, content]) => [step, withoutDots(content as Fields)]),
  );
}

/** The server chooses them. */
const ADDRESSES = ['clusterIP', 'clusterIPs'];

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** A kind that is not served is told in plain text where it has never been heard of. */
function kindOfText(body: unknown): string {
  return `a ${typeof body}`;
}
