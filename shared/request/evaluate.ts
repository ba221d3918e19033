import type { RequestMatch } from '../request-match.ts';
import { conditionsOf } from './conditions.ts';
import type { Condition } from './conditions.ts';
import type { SeenRequest } from './request.ts';

export interface Evaluation {
  /** Index of the route that takes the request; absent = none does, and the gateway answers 404. */
  readonly taker?: number;
  /** The nearest of those that do not, the nearest first. */
  readonly near: readonly NearMiss[];
}

export interface NearMiss {
  readonly index: number;
  /** Why not, as one clause: the first condition that does not hold. */
  readonly why: string;
}

/** How many others are told of. */
const NEAR = 2;

const TAKES_LATER = 'it would take it as well, but is asked later';

/** Which of a host's routes takes a request: the first of which all conditions hold. */
export function evaluate(matches: readonly RequestMatch[], seen: SeenRequest): Evaluation {
  const judged = matches.map((match, index) => judge(match, index, seen));
  const taker = judged.find(({ failed }) => failed === 0)?.index;
  const near = judged.filter(({ index }) => index !== taker).toSorted(byNearness);
  return { ...(taker !== undefined && { taker }), near: near.slice(0, NEAR).map(({ index, why }) => ({ index, why })) };
}

interface Judged {
  readonly index: number;
  readonly failed: number;
  readonly held: number;
  readonly isPathHeld: boolean;
  /** Characters at the front of the path that are as the route has them. */
  readonly common: number;
  readonly why: string;
}

function judge(match: RequestMatch, index: number, seen: SeenRequest): Judged {
  const conditions = conditionsOf(match, seen);
  const failed = conditions.filter(({ holds }) => !holds);
  return {
    index,
    failed: failed.length,
    held: conditions.length - failed.length,
    isPathHeld: conditions.some(isHeldPath),
    common: commonLength(match.path.value, seen.path),
    why: failed[0]?.failure ?? TAKES_LATER,
  };
}

function isHeldPath({ of, holds }: Condition): boolean {
  return of === 'path' && holds;
}

/** The path counts most: a route of another path is hardly ever the one that was meant. */
function byNearness(a: Judged, b: Judged): number {
  return (
    Number(b.isPathHeld) - Number(a.isPathHeld) ||
    a.failed - b.failed ||
    b.held - a.held ||
    b.common - a.common ||
    a.index - b.index
  );
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
