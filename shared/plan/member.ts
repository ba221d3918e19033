import type { Deployment } from '../deployment.ts';
import type { ObjectRef } from '../findings/finding.ts';
import type { Identity, Intent } from '../intent.ts';
import { compareCodePoints } from '../json.ts';

/** One annotated Deployment among the others. */
export interface Member {
  readonly deployment: Deployment;
  readonly ref: ObjectRef;
  /** Absent = frozen: what lives of it stays as it is, and is all that it holds. */
  readonly intent?: Intent | undefined;
  /** Of an InferenceService, also of a frozen one whose text still says it. */
  readonly identity?: Identity | undefined;
  /** Offline, under `enforce`: an error of its own or about another object keeps it out altogether. */
  readonly deniable: boolean;
}

/**
 * Oldest first: by creation time, then by name; those without a time are the newest, a later one newer than an earlier
 * one. Decides every conflict, so that the order of arrival never does.
 */
export function byAge(members: readonly Member[]): readonly Member[] {
  return members
    .map((member, index) => ({ member, index, created: createdAt(member) }))
    .sort(
      (a, b) =>
        compareTimes(a.created, b.created) ||
        (Number.isFinite(a.created) ? compareRefs(a.member.ref, b.member.ref) : a.index - b.index),
    )
    .map(({ member }) => member);
}

function createdAt({ deployment }: Member): number {
  const { creationTimestamp } = deployment.metadata;
  const time = Date.parse(creationTimestamp ?? '');
  return Number.isNaN(time) ? Infinity : time;
}

function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function compareRefs(a: ObjectRef, b: ObjectRef): number {
  return compareCodePoints(a.namespace, b.namespace) || compareCodePoints(a.name, b.name);
}

export function isSameRef(a: ObjectRef, b: ObjectRef): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
