import type { MappingDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import type { WrittenLabel } from '../fields/metadata-labels.ts';
import { isUnder } from '../values/dns.ts';
import type { Scene } from './scene.ts';

/** What Waymark itself writes, and what Kubernetes and Istio act on. */
const RESERVED = ['waymark.dev', 'kubernetes.io', 'k8s.io', 'istio.io'];

/** `metadata_labels` of all Mappings together: labels of the Deployment's Service, sorted by name; undefined = none. */
export function serviceLabelsOf(
  documents: readonly MappingDocument[],
  { report }: Scene,
): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, WrittenLabel>();
  for (const { values } of documents) {
    if (values.ambassador_id?.value === false) continue;
    for (const label of values.metadata_labels?.value ?? []) {
      const { key, value, at } = label;
      const first = found.get(key);
      const about = { name: 'LabelTaken', at, path: `metadata_labels.${key}` } as const;
      if (isReserved(key)) {
        const must = 'must be no label of Waymark, Kubernetes or Istio, which act on theirs';
        report({ ...about, must, fix: 'write a name of your own, such as example.com/team' });
      } else if (first !== undefined && first.value !== value) {
        report({
          ...about,
          must: `must be ${quoted(first.value)}, as another Mapping has it: the Service has one value`,
          found: `but is ${quoted(value)}`,
          fix: 'write the same value in both',
          related: [{ at: first.at, message: 'the other value' }],
        });
      } else found.set(key, first ?? label);
    }
  }
  if (found.size === 0) return undefined;
  const sorted = [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return Object.fromEntries(sorted.map(({ key, value }) => [key, value]));
}

function isReserved(key: string): boolean {
  const slash = key.indexOf('/');
  return slash !== -1 && RESERVED.some(domain => isUnder(key.slice(0, slash), domain));
}
