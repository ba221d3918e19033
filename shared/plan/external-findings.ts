import { finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { ExternalAddress, Intent } from '../intent.ts';
import type { Located, Range } from '../source.ts';
import { describe, related, siteIn } from './conflict-findings.ts';
import type { Holder } from './conflict-findings.ts';

export function externalIdTaken(intent: Intent, id: Located<number>, holder: Holder): Finding {
  return finding('ExternalIdTaken', {
    ...siteIn(intent, id.at),
    path: 'external.id',
    must: 'must be a number that no other Deployment has',
    found: `but ${id.value} is held by ${describe(holder.ref)}`,
    fix: 'write another number, or leave it out: a free one is taken',
    related: [related(holder, 'held here')],
  });
}

export function externalIdsExhausted(intent: Intent, at: Range): Finding {
  return finding('ExternalIdsExhausted', {
    ...siteIn(intent, at),
    path: 'external',
    must: 'must find a number that is free',
    found: 'but all are taken',
    fix: 'wait until a Service that has one is gone, or write `external: false` where nobody calls by address and port',
  });
}

/** `owner` as `whoHasAddress` says it. An address that the user did not write is not his to change. */
export function externalAddressOfCluster(intent: Intent, { value, at, path }: ExternalAddress, owner: string): Finding {
  const place = at ?? intent.service?.external?.at ?? { start: 0, end: 0 };
  return finding('ExternalAddressOfCluster', {
    ...siteIn(intent, place),
    path: at ? path : 'external',
    must: 'must be had by an address outside the cluster',
    found: at ? `but ${value} belongs to ${owner}` : `but ${value} in ${path} belongs to ${owner}`,
    fix: at
      ? 'write an address of the load balancer or router in front of the Nodes'
      : 'ask who set it for an address of the load balancer or router in front of the Nodes',
  });
}
