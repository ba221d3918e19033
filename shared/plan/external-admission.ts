import { NO_FACTS } from '../cluster-facts.ts';
import type { ClusterFacts, KubernetesVersion } from '../cluster-facts.ts';
import { finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';
import { siteIn } from './conflict-findings.ts';
import { externalIdTaken } from './external-findings.ts';
import { keyOf, refOf, usableAddresses } from './external.ts';

/** Since these versions of Kubernetes, by its plans: https://kep.k8s.io/5707. */
const DEPRECATED = 36;
const OFF_BY_DEFAULT = 40;
const GONE = 43;

/**
 * What admission can tell of access by address and port. Errors only about a text that is new, since nobody's update of
 * something else may suffer from another Deployment, and only about what it says itself: the rest is not the user's.
 */
export function externalFindings(
  intent: Intent,
  isNewText: boolean,
  facts: ClusterFacts = NO_FACTS,
): readonly Finding[] {
  const external = intent.service?.external;
  if (!external) return [];
  const written = external.addresses.filter(({ at }) => at !== undefined);
  const { faults } = usableAddresses(intent, written, { facts });
  const holder = external.id && facts.externalIds.held.get(external.id.value);
  const isTaken = holder !== undefined && holder !== keyOf(intent.object);
  const taken = external.id && isTaken ? [externalIdTaken(intent, external.id, { ref: refOf(holder) })] : [];
  const deprecated =
    external.strategy === 'externalIPs' && isDeprecated(facts.version)
      ? [externalIPsDeprecated(intent, facts.version)]
      : [];
  return [...(isNewText ? [...taken, ...faults] : []), ...deprecated];
}

/** Whether `externalIPs` of Services have an end; of a version that is not known nothing is said. */
export function isDeprecated(version: KubernetesVersion | undefined): version is KubernetesVersion {
  return version !== undefined && (version.major > 1 || version.minor >= DEPRECATED);
}

/** As a clause, for a version that has deprecated them. */
export function deprecationOf({ major, minor }: KubernetesVersion): string {
  if (major > 1 || minor >= GONE) return `which Kubernetes has removed in 1.${GONE}`;
  if (minor >= OFF_BY_DEFAULT) {
    return `which Kubernetes has switched off by default in 1.${OFF_BY_DEFAULT} and removes in 1.${GONE}`;
  }
  return `which Kubernetes deprecates since 1.${DEPRECATED} and switches off by default in 1.${OFF_BY_DEFAULT}`;
}

function externalIPsDeprecated(intent: Intent, version: KubernetesVersion): Finding {
  return finding('ExternalIPsDeprecated', {
    ...siteIn(intent, intent.service?.external?.at ?? { start: 0, end: 0 }),
    path: 'external',
    must: `is had by \`externalIPs\`, ${deprecationOf(version)}`,
    found: `and this cluster is ${version.major}.${version.minor}`,
    fix: 'ask the platform for another `external.strategy`; the text can stay',
  });
}
