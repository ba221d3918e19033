import type { Finding } from '../findings/finding.ts';
import type { Mapping } from '../intent.ts';
import { compareCodePoints } from '../json.ts';
import { matchKey } from '../request-match.ts';
import { entryName, nameText } from '../render/route-name.ts';
import { routeConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import { differenceOf, matchDifference, textKey } from './group-difference.ts';
import {
  groupMismatch,
  memberUnready,
  routeNeverReached,
  shadowAlone,
  shadowOfCatchAll,
  shadowRepeated,
  weightsWrong,
} from './group-findings.ts';
import { shareOut } from './group-traffic.ts';
import type { UnreadyOf } from './group-traffic.ts';
import { inOrder } from './host-ledger.ts';
import type { Candidate } from './host-ledger.ts';
import { isShadow } from './route.ts';
import type { Route } from './route.ts';
import { validCount } from './weights.ts';

/** Who of those that ask for requests of one host gets them. */
export interface Settled {
  /** Each with requests that no other one has; several Mappings may be behind one. */
  readonly granted: readonly Candidate[];
  /** What is said to those that get nothing, or less. Some wait, and nothing is said. */
  readonly told: readonly Told[];
}

export interface Told {
  readonly route: Route;
  readonly finding: Finding;
  /** Who has what it would have. */
  readonly holder?: Holder;
  /** `unanswered`: it gets nothing until somebody answers the same requests, who may come still. */
  readonly effect: 'none' | 'refused' | 'unanswered';
}

/** A Mapping, or what an InferenceService has by itself, which no Mapping shares. */
interface Wish extends Candidate {
  readonly entry: { readonly route: Route };
}

/** `candidates`: of one host, the oldest first. */
export function settle(candidates: readonly Candidate[], unreadyOf: UnreadyOf): Settled {
  const told: Told[] = [];
  const granted: Candidate[] = [];
  const alike = Map.groupBy(withoutMisread(candidates, told), ({ match }) => matchKey(match));
  for (const group of alike.values()) granted.push(...settleAlike(group, unreadyOf, told));
  return { granted, told };
}

function refuse(told: Told[], { entry: { route } }: Wish, finding: Finding): void {
  told.push({ route, finding, effect: 'refused' });
}

/** One text is read in one way on a host: as a path or as a pattern, whichever the oldest has. */
function withoutMisread(candidates: readonly Candidate[], told: Told[]): readonly Candidate[] {
  const first = new Map<string, Candidate>();
  return candidates.filter(candidate => {
    if (isWish(candidate) && !candidate.entry.route.mapping) return true;
    const text = textKey(candidate.match, candidate.key.precedence);
    const known = first.get(text);
    if (!known) first.set(text, candidate);
    if (!known || !isWish(candidate) || matchKey(known.match) === matchKey(candidate.match)) return true;
    const difference = matchDifference(known.match, candidate.match);
    refuse(told, candidate, groupMismatch(candidate.entry.route, difference, known.holder));
    return false;
  });
}

function settleAlike(group: readonly Candidate[], unreadyOf: UnreadyOf, told: Told[]): readonly Candidate[] {
  const living = group.filter(candidate => !isWish(candidate));
  const wishes = withoutLiving(group, living, told);
  const whole = wishes.find(({ entry }) => !entry.route.mapping);
  if (whole) {
    for (const wish of wishes) if (wish !== whole) refuse(told, wish, besideWhole(wish, whole));
    return [...living, whole];
  }
  const levels = Map.groupBy(wishes, ({ key }) => key.precedence);
  let upper: Candidate | undefined;
  const granted = [...levels.keys()]
    .sort((a, b) => b - a)
    .flatMap(precedence => settleGroup(levels.get(precedence) ?? [], upper, unreadyOf, told));
  return [...living, ...granted];

  function settleGroup(...[level, ...rest]: Parameters<typeof settleLevel>): readonly Candidate[] {
    const one = settleLevel(level, ...rest);
    upper ??= one;
    return one ? [one] : [];
  }
}

function isWish(candidate: Candidate): candidate is Wish {
  return 'route' in candidate.entry;
}

/**
 * What lives of a frozen Deployment stays as it is: others behind the same entry, and those that would share it, wait.
 * One that only wants the same is in conflict with an older one.
 */
function withoutLiving(group: readonly Candidate[], living: readonly Candidate[], told: Told[]): readonly Wish[] {
  const [first] = living;
  if (!first) return group.filter(isWish);
  const names = new Set(living.flatMap(({ members = [] }) => members.map(nameText)));
  const isShared = living.some(({ members = [] }) => members.length > 1);
  return group.filter(isWish).filter(wish => {
    const { route } = wish.entry;
    if (isShared || names.has(entryName(route)) || wantsShare(wish)) return false;
    const isOlder = group.indexOf(wish) < group.indexOf(first);
    if (!isOlder) refuse(told, wish, routeConflict(route, first.holder));
    return isOlder;
  });
}

function besideWhole({ entry: { route } }: Wish, { holder }: Wish): Finding {
  return isShadow(route) ? shadowOfCatchAll(route, holder) : routeConflict(route, holder);
}

/** Those that match alike with one precedence. `upper` is asked before them. */
function settleLevel(
  level: readonly Wish[],
  upper: Candidate | undefined,
  unreadyOf: UnreadyOf,
  told: Told[],
): Candidate | undefined {
  const first = level.find(({ entry }) => !isShadow(entry.route));
  if (!first) {
    for (const { entry } of level) {
      told.push({ route: entry.route, finding: shadowAlone(entry.route), effect: 'unanswered' });
    }
    return undefined;
  }
  const members = byName(sharing(level, first, told));
  if (upper) {
    for (const { entry } of members) {
      const { holder } = upper;
      told.push({ route: entry.route, holder, finding: routeNeverReached(entry.route, holder), effect: 'none' });
    }
  }
  const [highest = first] = inOrder(members);
  if (members.length < 2) return highest;
  const routes = members.map(({ entry }) => entry.route);
  const { sent, unready } = shareOut(routes, unreadyOf);
  for (const { route, why } of unready) {
    if (why.lack !== 'not-known') told.push({ route, finding: memberUnready(route, why), effect: 'none' });
  }
  const route = { ...first.entry.route, group: { members: routes, sent } };
  return { ...first, key: highest.key, entry: { route } };
}

/** In an order that does not depend on that of the documents of one Deployment. */
function byName(members: readonly Wish[]): readonly Wish[] {
  const documents = Map.groupBy(members, ({ entry }) => entry.route.intent);
  const name = (wish: Wish) => mappingOf(wish)?.name ?? '';
  return [...documents.values()].flatMap(own => own.toSorted((a, b) => compareCodePoints(name(a), name(b))));
}

/** As many of those that match alike as can be one route together; `first` always. */
function sharing(level: readonly Wish[], first: Wish, told: Told[]): readonly Wish[] {
  if (level.length === 1) return level;
  const alike = level.filter(wish => differenceFrom(first, wish) === undefined);
  const isGroup = alike.some(wantsShare);
  for (const wish of level) {
    const difference = differenceFrom(first, wish);
    const { route } = wish.entry;
    if (difference && (isGroup || wantsShare(wish))) {
      refuse(told, wish, groupMismatch(route, difference, first.holder));
    } else if (!isGroup && wish !== first) {
      refuse(told, wish, routeConflict(route, first.holder));
    }
  }
  if (!isGroup) return [first];
  const [shadow, ...more] = alike.filter(({ entry }) => isShadow(entry.route));
  for (const wish of more) if (shadow) refuse(told, wish, shadowRepeated(wish.entry.route, shadow.holder));
  const answering = alike.filter(({ entry }) => !isShadow(entry.route));
  const valid = weighed(answering, told);
  return alike.filter(wish => wish === shadow || valid.has(wish));
}

function differenceFrom(first: Wish, wish: Wish): ReturnType<typeof differenceOf> {
  const [one, other] = [mappingOf(first), mappingOf(wish)];
  return one && other && differenceOf(one, other);
}

function mappingOf({ entry }: Wish): Mapping | undefined {
  return entry.route.mapping;
}

function weighed(answering: readonly Wish[], told: Told[]): ReadonlySet<Wish> {
  const weights = answering.map(wish => mappingOf(wish)?.weight?.value);
  const valid = answering.slice(0, validCount(weights));
  const sum = weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);
  for (const wish of answering.slice(valid.length)) {
    refuse(told, wish, weightsWrong(wish.entry.route, sum, (valid.at(-1) ?? wish).holder));
  }
  return new Set(valid);
}

function wantsShare(wish: Wish): boolean {
  return mappingOf(wish)?.weight !== undefined || isShadow(wish.entry.route);
}
