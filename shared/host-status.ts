import type { HostMember, HostStatus, MemberRecord } from './host.ts';
import { isJsonObject } from './json.ts';

/**
 * What a Host says, as far as one can go by it. Whoever may write it may write anything, and so may another version of
 * ours: what is not as it must be counts as not said. Answers with the very status where all of it is.
 */
export function readHostStatus(value: unknown): HostStatus | undefined {
  if (!isJsonObject(value)) return undefined;
  const { conditions, members, emptySince } = value;
  const isWhole =
    Array.isArray(conditions) &&
    conditions.every(isCondition) &&
    Array.isArray(members) &&
    members.every(isMember) &&
    isTimeOrNone(emptySince);
  if (isWhole) return value as unknown as HostStatus;
  const good: Record<string, unknown> = {
    ...value,
    conditions: listOf(conditions).filter(isCondition),
    members: listOf(members).filter(isMember),
  };
  if (!isTimeOrNone(emptySince)) delete good['emptySince'];
  return good as unknown as HostStatus;
}

const TEXTS = [
  'namespace',
  'name',
  'uid',
  'line',
  'state',
  'reason',
  'message',
] as const satisfies (keyof HostMember)[];
const TIMES = ['ledSince', 'readySince', 'idleSince'] as const satisfies (keyof MemberRecord)[];
const RECORD_TEXTS = ['over', 'endpoints', 'template', 'failed'] as const satisfies (keyof MemberRecord)[];

function isCondition(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ['type', 'status', 'reason', 'message'].every(key => isText(value[key])) &&
    isTime(value['lastTransitionTime'])
  );
}

function isMember(value: unknown): boolean {
  if (!isJsonObject(value) || !TEXTS.every(key => isText(value[key])) || !isTime(value['since'])) return false;
  const { record } = value;
  return record === undefined || isRecord(record);
}

function isRecord(record: unknown): boolean {
  if (!isJsonObject(record)) return false;
  const { size } = record;
  return (
    TIMES.every(key => isTimeOrNone(record[key])) &&
    RECORD_TEXTS.every(key => record[key] === undefined || isText(record[key])) &&
    (size === undefined || Number.isInteger(size))
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTimeOrNone(value: unknown): boolean {
  return value === undefined || isTime(value);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
