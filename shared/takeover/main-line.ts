import { isBehind } from '../plan/live.ts';
import type { LiveEntry } from '../plan/live.ts';
import { mappingHosts } from '../plan/hosts.ts';
import { EVERYTHING_KEY } from '../plan/route.ts';
import { matchKey } from '../request-match.ts';
import { serviceName } from '../render/names.ts';
import type { Settings } from '../settings.ts';
import type { LinePlan } from './takeover.ts';

export interface MainLine {
  readonly main: LinePlan | undefined;
  readonly conflicted: ReadonlySet<LinePlan>;
}

/**
 * Which of several lines takes what no path takes. The one with the oldest version has it; a younger one that gives the
 * older a share in its split or mirror takes it over, when its own leader has proved itself. Whoever is neither named
 * nor names, and asks for nothing but the whole host, is in conflict.
 *
 * `lines`: the one with the oldest version first.
 */
export function mainLine(
  host: string,
  lines: ReadonlyMap<string, LinePlan>,
  entries: readonly LiveEntry[],
  settings: Settings,
): MainLine {
  const wanting = [...lines.values()].filter(({ wantsAll }) => wantsAll);
  const [oldest] = wanting;
  if (oldest === undefined) return { main: undefined, conflicted: new Set() };
  const target = challenger(oldest, wanting);
  const live = wanting.find(line => holdsAll(line, entries));
  const { readiness, isProven, isFrozen } = target.leadership.leader;
  const mayTake = (readiness.isReady && isProven) || isFrozen;
  const main = live === undefined || live === target || mayTake ? target : live;
  const conflicted = wanting.filter(
    line => line !== main && line !== target && !isRelated(line, main) && !hasPaths(line, host, settings),
  );
  return { main, conflicted: new Set(conflicted) };
}

function challenger(oldest: LinePlan, lines: readonly LinePlan[]): LinePlan {
  let target = oldest;
  const seen = new Set([oldest]);
  for (;;) {
    const next = lines.find(line => !seen.has(line) && names(line, target) && !names(target, line));
    if (next === undefined) return target;
    seen.add(next);
    target = next;
  }
}

function isRelated(line: LinePlan, main: LinePlan): boolean {
  return names(line, main) || names(main, line);
}

/** Whether the leader of one line gives a share to any version of the other. */
function names({ leadership }: LinePlan, { line }: LinePlan): boolean {
  const { split = [], mirror = [] } = leadership.leader.member.intent?.service ?? {};
  const versions = line.versions.map(({ member: { ref } }) => `${ref.namespace}/${serviceName(ref.name)}`);
  return [...split, ...mirror].some(({ namespace, name }) => versions.includes(`${namespace}/${name}`));
}

function holdsAll({ line }: LinePlan, entries: readonly LiveEntry[]): boolean {
  const all = entries.find(({ match }) => matchKey(match) === EVERYTHING_KEY);
  return all !== undefined && line.versions.some(({ member: { ref } }) => isBehind(all, ref));
}

/** Paths of its own on the host. */
function hasPaths({ leadership }: LinePlan, host: string, settings: Settings): boolean {
  const { intent } = leadership.leader.member;
  return (
    intent?.mappings.some(mapping => mappingHosts(mapping, intent, settings).some(place => place.host === host)) ===
    true
  );
}
