import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { RESOURCES } from '../../kube/resources.ts';
import { compile } from '../../shared/compile.ts';
import { goldenCases, readCase } from '../support/golden.ts';

interface Configuration {
  readonly kind: string;
  readonly webhooks: readonly {
    readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
  }[];
}

const text = readFileSync(join(import.meta.dirname, 'golden/default.yaml'), 'utf8');
const asked = parseAllDocuments(text)
  .map(document => document.toJS() as Configuration)
  .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
  .map(({ webhooks }) => webhooks.flatMap(({ rules }) => rules));

describe('W16: what the controller builds', () => {
  const objects = goldenCases().flatMap(name => compile(readCase(name).snapshot).objects.map(({ object }) => object));

  it('has the label of Waymark, whatever is asked for', () => {
    const labels = objects.map(({ metadata }) => metadata.labels['app.kubernetes.io/managed-by']);

    expect(objects.length).toBeGreaterThan(100);
    expect(new Set(labels)).toEqual(new Set(['waymark']));
  });

  it('is of kinds that neither hook is asked about', () => {
    const kinds = [...new Set(objects.map(({ kind }) => kind))];
    const built: readonly (string | undefined)[] = kinds.map(
      kind => Object.values(RESOURCES).find(resource => resource.kind === kind)?.plural,
    );
    const rules = asked.flat();

    expect(asked).toHaveLength(2);
    expect(built.toSorted()).toEqual([
      'destinationrules',
      'horizontalpodautoscalers',
      'serviceentries',
      'services',
      'virtualservices',
    ]);
    for (const { apiGroups, resources } of rules) {
      expect(apiGroups).toEqual(['apps']);
      expect(resources.filter(resource => resource === '*' || built.includes(resource))).toEqual([]);
    }
  });
});
