import type { ClusterFacts } from '../cluster-facts.ts';
import { fieldSite, finding, siteInAnnotation } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';

/** Why a Deployment that asks for an autoscaler gets none: somebody else's has it as its target, and two would fight. */
export function scalerConflict(intent: Intent, facts: ClusterFacts | undefined): Finding | undefined {
  const { object, key, text, service } = intent;
  if (!service?.autoscaling || !facts) return undefined;
  const scalers = facts.scalersOf(object.namespace, object.name);
  if (scalers.length === 0) return undefined;
  const names = scalers.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  return finding('ScalerConflict', {
    object,
    site: siteInAnnotation(key, text, service.autoscaling.at),
    path: 'replicas',
    must: 'must be the only autoscaler of the Deployment',
    found: `but ${names.join(' and ')} ${names.length === 1 ? 'scales' : 'scale'} it already`,
    fix: `delete ${names.join(' and ')}, or delete \`replicas\``,
    related: scalers.map(scaler => ({
      object: scaler,
      site: fieldSite('spec', 'scaleTargetRef'),
      message: 'scaled here',
    })),
  });
}
