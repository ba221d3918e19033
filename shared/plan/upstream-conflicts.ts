import type { Finding } from '../findings/finding.ts';
import type { ConnectionPolicy, Intent } from '../intent.ts';
import { sameRecord } from '../json.ts';
import type { Settings } from '../settings.ts';
import { connectionsConflict } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';
import { asksOf } from './upstream-asks.ts';
import type { UpstreamAsk } from './upstream-asks.ts';

/** What one Deployment asks of a port in two ways: the later document is told. Needs no other object. */
export function ownConflicts(intent: Intent, settings: Settings): readonly Finding[] {
  const granted: UpstreamAsk[] = [];
  return asksOf(intent, settings).flatMap(ask => {
    const other = granted.find(one => one.host === ask.host && one.port === ask.port && !isAlikeAtHome(one, ask));
    if (!other) granted.push(ask);
    return other ? [connectionsConflict(intent, ask, holderIn(intent, other))] : [];
  });
}

/** Whether two may ask this of one port. Nobody's connections are changed by another namespace. */
export function isAlike(a: UpstreamAsk, b: UpstreamAsk, areNeighbours: boolean): boolean {
  if (areNeighbours) return isAlikeAtHome(a, b);
  return a.policy && b.policy ? isSamePolicy(a.policy, b.policy) : a.policy === b.policy;
}

/**
 * In one namespace a Mapping that asks for nothing takes what the others ask for, but for encryption: it would not have
 * been sent to the same port.
 */
function isAlikeAtHome({ policy: one }: UpstreamAsk, { policy: two }: UpstreamAsk): boolean {
  return one && two ? isSamePolicy(one, two) : !(one ?? two)?.tls;
}

/** Wherever it is written. */
function isSamePolicy(a: ConnectionPolicy, b: ConnectionPolicy): boolean {
  return sameRecord({ ...a }, { ...b }, PLACE);
}

const PLACE: ReadonlySet<string> = new Set(['at']);

/** Where a Deployment asks it. */
export function holderIn(intent: Intent, { policy, mapping }: UpstreamAsk): Holder {
  return { ref: intent.object, at: { intent, range: policy?.at ?? mapping.at } };
}
