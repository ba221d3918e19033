import type { Finding } from '../findings/finding.ts';
import type { Settings } from '../settings.ts';
import { modelPathTaken } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import { ledgerOf } from './host-ledger.ts';
import type { Candidate, Ledgers, PathHolder } from './host-ledger.ts';
import { isSameRef } from './member.ts';
import type { Member } from './member.ts';
import { modelPathOf } from './model-path.ts';
import { pathClaim } from './path-claims.ts';
import type { Traffic } from './traffic.ts';
import { matchKey, underPrefix } from '../request-match.ts';
import { matchOf, membersOf, sortKey } from './route.ts';
import type { Route } from './route.ts';

interface Version {
  readonly member: Member;
  readonly route: Route;
}

type TrafficOf = (member: Member) => Traffic | undefined;

export interface ModelRoutes {
  readonly routes: readonly Candidate[];
  readonly findings: readonly Finding[];
}

/** One line and the path that it has. */
interface Claim extends PathHolder {
  readonly line: string;
  /** The oldest first. */
  readonly versions: Version[];
}

/**
 * Who has the path of which model on the host that all share. A line has it since its oldest version: its path is kept
 * from other namespaces like that of a Mapping, and no other line gets it. Within the namespace a Mapping goes in front,
 * and takes its place where it matches by nothing else.
 */
export class ModelClaims {
  readonly #ledgers: Ledgers;
  readonly #settings: Settings;
  readonly #claims = new Map<string, Claim>();

  constructor(ledgers: Ledgers, settings: Settings) {
    this.#ledgers = ledgers;
    this.#settings = settings;
  }

  /**
   * Asked about one Deployment after the other, the oldest first, once all else of it is granted. `owner` has the whole
   * host for itself: the platform's template need not keep built-in hosts apart from this one.
   */
  ask(member: Member, owner: Holder | undefined): readonly Finding[] {
    const { intent, ref } = member;
    const wish = intent && modelPathOf(intent, this.#settings);
    if (!wish) return [];
    const { line, prefix, route } = wish;
    const claim = this.#claims.get(prefix);
    if (claim?.line === line) {
      claim.versions.push({ member, route });
      return [];
    }
    const taken = owner ? { holder: owner, prefix: '/' } : (claim ?? this.#findOther(prefix, ref.namespace));
    if (taken) return [modelPathTaken(route, taken.holder, taken.prefix)];
    const holder: Holder = { ref, at: { intent, range: route.place.at } };
    this.#claims.set(prefix, { line, prefix, holder, versions: [{ member, route }] });
    const { paths } = ledgerOf(this.#ledgers, this.#settings.ingressHost, holder);
    paths.add(pathClaim(underPrefix(prefix), 0, ref.namespace), { holder, prefix });
    return [];
  }

  /** The leaders' routes, and what is to be said where a Mapping has the place. `granted`: of Mappings, and what lives. */
  grant(granted: readonly Candidate[], leads: (member: Member) => boolean, trafficOf: TrafficOf): ModelRoutes {
    const lowest = lowestPrecedences(granted);
    const byMatch = new Map(granted.map(one => [matchKey(one.match), one]));
    const routes: Candidate[] = [];
    const findings = [...this.#claims.values()].flatMap(({ prefix, versions }) => {
      return versions.flatMap(({ member, route }) => {
        const match = matchOf(route);
        const mapped = byMatch.get(matchKey(match));
        if (mapped && isBehind(mapped, member)) return [];
        if (mapped) return [modelPathTaken(route, mapped.holder, prefix)];
        const key = { ...sortKey(route), precedence: lowest.get(prefix) ?? 0 };
        if (!leads(member)) return [];
        const traffic = trafficOf(member);
        const entry = { route: traffic ? { ...route, traffic } : route };
        routes.push({ holder: { ref: member.ref }, match, key, entry });
        return [];
      });
    });
    return { routes, findings };
  }

  #findOther(prefix: string, namespace: string): PathHolder | undefined {
    return this.#ledgers.get(this.#settings.ingressHost)?.paths.findOther(pathClaim(underPrefix(prefix), 0, namespace));
  }
}

function isBehind({ holder, entry }: Candidate, { ref }: Member): boolean {
  const refs = 'route' in entry ? membersOf(entry.route).map(({ intent }) => intent.object) : [holder.ref];
  return refs.some(one => isSameRef(one, ref));
}

/** A Mapping of the very path goes in front of it, also with a `precedence` below all others. */
function lowestPrecedences(granted: readonly Candidate[]): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  for (const { match, key } of granted) {
    const prefix = match.path.value;
    lowest.set(prefix, Math.min(lowest.get(prefix) ?? 0, key.precedence));
  }
  return lowest;
}
