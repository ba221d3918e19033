import { HAND_OVER, namespaceAnnotation, POLICY_LABEL, PREFIX } from './annotation-keys.ts';
import { clipped } from './fields/field.ts';
import { fieldSite, finding } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import { NAMESPACE_SETTINGS } from './settings.ts';
import type { Namespace } from './snapshot.ts';
import { nearestName } from './values/nearest.ts';

const NAMES = [...NAMESPACE_SETTINGS, HAND_OVER];
const ANNOTATIONS = NAMES.filter(name => name !== 'policy').map(namespaceAnnotation);

/**
 * Keys of ours on a Namespace that are no settings. Nobody would miss a misspelt `allowed-hosts`: without it more is
 * allowed, not less. In the order of the object, annotations first.
 */
export function unknownNamespaceKeys({ metadata: { name, annotations, labels } }: Namespace): readonly Finding[] {
  return [...unknown('annotations', annotations, ANNOTATIONS), ...unknown('labels', labels, [POLICY_LABEL])];

  function unknown(
    where: 'annotations' | 'labels',
    given: Readonly<Record<string, string>> | undefined,
    known: readonly string[],
  ): readonly Finding[] {
    const keys = Object.keys(given ?? {}).filter(key => key.startsWith(PREFIX) && !known.includes(key));
    return keys.map(key =>
      finding('NamespaceSettingUnknown', {
        object: { kind: 'Namespace', namespace: '', name },
        site: fieldSite('metadata', where, key),
        must: 'must be a setting that a Namespace has',
        found: `but \`${clipped(key)}\` among the ${where} of Namespace ${name} is none`,
        fix: fixOf(key, where),
      }),
    );
  }
}

function fixOf(key: string, where: 'annotations' | 'labels'): string {
  const meant = nearestName(key.slice(PREFIX.length), NAMES);
  if (meant === undefined) return 'delete it';
  const place = meant === 'policy' ? 'labels' : 'annotations';
  const line = `write \`${namespaceAnnotation(meant)}\``;
  return place === where ? line : `${line} among the ${place}`;
}
