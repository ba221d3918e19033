import type { Namer } from '../shared/cluster-facts.ts';
import type { Intent } from '../shared/intent.ts';
import { createMembership } from './membership.ts';

/** Which Deployments name which Services in `split` or `mirror`, and may. Both are `<namespace>/<name>`. */
export interface Namers {
  /** Says anew what one asks for; answers with every Service that it names now or named before. */
  ask(deployment: string, intent: Intent | undefined): readonly string[];
  of(service: string): readonly Namer[];
  namedBy(deployment: string): readonly string[];
}

export function createNamers(): Namers {
  const named = createMembership();
  const hosts = new Map<string, readonly string[]>();
  return {
    ask(deployment, intent) {
      const { split = [], mirror = [], hosts: own = [] } = intent?.service ?? {};
      // What another namespace does not allow must not keep anything of it from going.
      const shares = [...split, ...mirror].filter(({ isPermitted }) => isPermitted);
      const services = new Set(shares.map(({ namespace, name }) => `${namespace}/${name}`));
      if (services.size === 0) hosts.delete(deployment);
      else {
        hosts.set(
          deployment,
          own.map(({ value }) => value),
        );
      }
      return named.ask(deployment, [...services]);
    },
    namedBy: deployment => named.hostsOf(deployment),
    of: service =>
      named
        .membersOf(service)
        .toSorted()
        .map(key => {
          const [namespace = '', name = ''] = key.split('/');
          return { namespace, name, hosts: hosts.get(key) ?? [] };
        }),
  };
}
