import { effectiveSettings } from '../effective-settings.ts';
import type { Host } from '../host.ts';
import type { Member } from '../plan/member.ts';
import { isLabelledOurs } from '../render/labels.ts';
import type { TakeoverInputs } from './takeover.ts';
import { versionOf } from './version.ts';

/** Who may have a host, and what must be written for it. */
export interface Ownership {
  /** `undefined` = nobody asks for it. */
  readonly namespace: string | undefined;
  /** How that came to be: it has it, it is to claim it, or it is to get it from the one that has it. */
  readonly by: 'Host' | 'claim' | 'transfer';
  /** The owner has no member any more. */
  readonly isEmpty: boolean;
  /** Nobody looks at its namespace here: what becomes of it is said elsewhere. */
  readonly isElsewhere: boolean;
  /** Milliseconds when an empty one is given up; `undefined` = not while things are as they are. */
  readonly freeAt: number | undefined;
}

const HELD = { by: 'Host', isEmpty: false, isElsewhere: false, freeAt: undefined } as const;

type OwnershipInputs = TakeoverInputs & { readonly routedIn: string | undefined };

/** `members`: the oldest first. `routedIn`: the namespace of the live VirtualService of ours. */
export function ownerOf(
  host: string,
  object: Host | undefined,
  members: readonly Member[],
  { now, settings, namespaces, facts, routedIn }: OwnershipInputs,
): Ownership {
  if (object === undefined) {
    // A Host that somebody deleted by mistake must not end in other hands than its routes are in.
    const first = members.find(({ ref }) => ref.namespace === routedIn) ?? members[0];
    return { ...HELD, namespace: first?.ref.namespace, by: 'claim', isEmpty: first === undefined };
  }
  const { namespace, reserved = false } = object.spec;
  const { watched } = facts.traffic;
  if (watched?.has(namespace) === false) return { ...HELD, namespace, isElsewhere: true };
  const own = members.filter(({ ref }) => ref.namespace === namespace);
  const heir = heirOf();
  if (heir !== undefined) return { ...HELD, namespace: heir, by: 'transfer' };
  if (own.length > 0) return { ...HELD, namespace };
  const emptySince = object.status?.emptySince;
  // Offline no time passes. What an administrator has made waits for its first member.
  const isKept = reserved || now === 0 || !hasHadMember(object);
  const freeAt = isKept ? undefined : (emptySince === undefined ? now : Date.parse(emptySince)) + settings.hostHold;
  const [next] = members;
  if (next === undefined || freeAt === undefined || now < freeAt) return { ...HELD, namespace, isEmpty: true, freeAt };
  return { ...HELD, namespace: next.ref.namespace, by: 'transfer' };

  /** The namespace that the owner hands it over to and that asks for it, once it can take the traffic. */
  function heirOf(): string | undefined {
    const named = handedTo(namespace);
    if (named === undefined || isCircle(named)) return undefined;
    const theirs = members.filter(({ ref }) => ref.namespace === named);
    const before = object?.status?.members ?? [];
    const isReady = theirs.some(one => versionOf(one, { now, traffic: facts.traffic, before }).readiness.isReady);
    return isReady || (theirs.length > 0 && own.length === 0) ? named : undefined;
  }

  function handedTo(one: string): string | undefined {
    return effectiveSettings(settings, namespaces.get(one)).handOver.get(host);
  }

  /** It would come back to the one that has it, and never rest. */
  function isCircle(first: string): boolean {
    const seen = new Set<string>();
    for (let next: string | undefined = first; next !== undefined && !seen.has(next); next = handedTo(next)) {
      if (next === object?.spec.namespace) return true;
      seen.add(next);
    }
    return false;
  }
}

/** One that we claimed ourselves has had the member that it was claimed for. */
function hasHadMember({ metadata, spec, status }: Host): boolean {
  const known = status?.members.some(({ namespace }) => namespace === spec.namespace) === true;
  return isLabelledOurs(metadata.labels) || known || status?.emptySince !== undefined;
}
