import type { Intent } from '../shared/intent.ts';
import { externalServiceName } from '../shared/render/names.ts';
import { createMembership } from './membership.ts';

/**
 * Which Deployments write which number, and which have access by which address, so that an event finds whom it concerns
 * without looking at all. Deployments are `<namespace>/<name>`.
 */
export interface ExternalWants {
  /** Says anew what one asks for; answers with those others that write a number that it writes now or wrote before. */
  ask(deployment: string, intent: Intent | undefined): readonly string[];
  /** Numbers that some annotation writes: always as things are now. */
  readonly written: ReadonlySet<number>;
  writersOf(id: number): readonly string[];
  /** Those that write the same number, and the one, if it is there, whose first Service has the name of its second. */
  rivalsOf(deployment: string): readonly string[];
  /** Canonical addresses that are asked for, each once. */
  addresses(): Iterable<string>;
  usersOf(address: string): readonly string[];
}

export function createExternalWants(): ExternalWants {
  const ids = createMembership();
  const addresses = createMembership();
  const written = new Set<number>();
  const writersOf = (id: string) => ids.membersOf(id);

  return {
    ask(deployment, intent) {
      const external = intent?.service?.external;
      const touched = ids.ask(deployment, external?.id ? [String(external.id.value)] : []);
      for (const id of touched) {
        if (writersOf(id).length > 0) written.add(Number(id));
        else written.delete(Number(id));
      }
      addresses.ask(deployment, external?.addresses.map(({ value }) => value) ?? []);
      return [...new Set(touched.flatMap(writersOf))].filter(other => other !== deployment);
    },
    written,
    writersOf: id => writersOf(String(id)),
    rivalsOf: deployment => [...ids.hostsOf(deployment).flatMap(writersOf), externalServiceName(deployment)],
    addresses: () => addresses.hosts(),
    usersOf: address => addresses.membersOf(address),
  };
}
