import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { DEPLOYMENT_ANNOTATIONS, namespaceAnnotation, POLICY_LABEL } from '../shared/annotation-keys.ts';
import { compile } from '../shared/compile.ts';
import { effectiveSettings, permitsTraffic } from '../shared/effective-settings.ts';
import { EXTERNAL } from '../shared/fields/external.ts';
import type { FieldTable } from '../shared/fields/field.ts';
import { INFERENCE_SERVICE } from '../shared/fields/inference-service.ts';
import { MAPPING } from '../shared/fields/mapping.ts';
import { UPGRADE } from '../shared/fields/upgrade.ts';
import { nameOf } from '../shared/findings/finding.ts';
import { read } from '../shared/read.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import { NAMESPACE_SETTINGS } from '../shared/settings.ts';
import type { NamespaceSetting, Settings } from '../shared/settings.ts';
import { review } from '../webhook/review.ts';
import { deployment } from './support/deployments.ts';
import { goldenCases, readCase } from './support/golden.ts';
import { acceptAnswer, CONFIG, CONTEXT, deployment as sentDeployment, reviewOf } from './support/reviews.ts';

/** What belongs to the platform, whatever a tenant writes. */

describe('S-03: what a namespace may set is for the platform to say', () => {
  const written: Readonly<Record<NamespaceSetting, string>> = {
    environment: 'debug',
    area: 'shanghai',
    domain: 'other.example.com',
    'external-ips': '198.51.100.7',
    'allowed-hosts': 'example.com',
    'allow-traffic-from': '*',
    policy: 'off',
  };
  const namespace = {
    metadata: {
      name: 'shop',
      labels: { [POLICY_LABEL]: written.policy },
      annotations: Object.fromEntries(
        NAMESPACE_SETTINGS.filter(name => name !== 'policy').map(name => [namespaceAnnotation(name), written[name]]),
      ),
    },
  };
  const platform: Settings = {
    ...defaultSettings,
    external: { ...defaultSettings.external, allowedIPs: ['0.0.0.0/0'] },
  };
  const lookedAt = (allowed: readonly NamespaceSetting[]) => {
    const settings = { ...platform, namespaceSettings: allowed };
    return JSON.stringify([effectiveSettings(settings, namespace), permitsTraffic(settings, namespace, 'other')]);
  };

  it.each(NAMESPACE_SETTINGS)('%s counts where the platform allows it, and nowhere else', name => {
    const others = NAMESPACE_SETTINGS.filter(each => each !== name);

    expect(lookedAt([name])).not.toBe(lookedAt([]));
    expect(lookedAt(others)).not.toBe(lookedAt(NAMESPACE_SETTINGS));
  });

  it('a type that the platform does not list is refused', () => {
    const { findings } = read(deployment('shop/tfserving-resnet50-20240501', { config: CONFIG }), {
      settings: { ...defaultSettings, types: ['vllm'] },
      namespaces: new Map(),
    });

    expect(findings.map(nameOf)).toContain('TypeNotAllowed');
  });
});

describe('S-05: who asks', () => {
  it.each([
    ['a Pod', { kind: { group: '', version: 'v1', kind: 'Pod' } }],
    ['a Deployment of another group', { kind: { group: 'example.com', version: 'v1', kind: 'Deployment' } }],
    ['the status of a Deployment', { subResource: 'status' }],
  ])('about %s gets neither a judgement nor a patch', (_, fields) => {
    const object = sentDeployment({ annotations: { 'waymark.dev/config': 'kind: nonsense' } });

    for (const hook of ['mutate', 'validate'] as const) {
      const outcome = review(hook, Buffer.from(JSON.stringify(reviewOf(object, fields))), CONTEXT);

      expect(outcome.result).toBe('skipped');
      expect(Object.keys(acceptAnswer(hook, outcome.body)).sort()).toEqual(['allowed', 'uid']);
    }
  });

  it('reaches the webhook by its port alone, where the chart writes NetworkPolicies', () => {
    const text = readFileSync(join(import.meta.dirname, 'chart/golden/network-policy.yaml'), 'utf8');
    const policies = parseAllDocuments(text).map(document => document.toJS() as Policy | null);

    const webhook = policies.find(
      policy => policy?.kind === 'NetworkPolicy' && policy.metadata.name.includes('webhook'),
    );

    expect(webhook?.spec.policyTypes).toContain('Ingress');
    expect(webhook?.spec.ingress.flatMap(({ ports }) => ports ?? [])).not.toEqual([]);
    expect(webhook?.spec.ingress.every(({ ports }) => (ports?.length ?? 0) > 0)).toBe(true);
  });
});

interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly policyTypes: readonly string[];
    readonly ingress: readonly { readonly ports?: readonly unknown[] }[];
  };
}

describe('S-18: the Gateway is the platform’s', () => {
  const tables: readonly FieldTable[] = [INFERENCE_SERVICE.fields, MAPPING.fields, EXTERNAL.fields, UPGRADE.fields];

  it('has no field, no annotation and no setting of a namespace', () => {
    const built = tables.flatMap(table => Object.entries(table)).filter(([, { outcome }]) => outcome === 'built');
    const names = [
      ...built.map(([name]) => name),
      ...DEPLOYMENT_ANNOTATIONS.map(({ key }) => key),
      ...NAMESPACE_SETTINGS,
    ];

    expect(names.length).toBeGreaterThan(30);
    expect(names.filter(name => /gateway|ingress|listener/i.test(name))).toEqual([]);
  });

  it('is the only one in whatever is built of any golden case', () => {
    const gateways = goldenCases().flatMap(name => {
      const { snapshot } = readCase(name);
      return compile(snapshot)
        .objects.filter(({ object }) => object.kind === 'VirtualService')
        .map(({ object }) => [object.spec['gateways'], [snapshot.settings.gateway]]);
    });

    expect(gateways.length).toBeGreaterThan(20);
    for (const [built, wanted] of gateways) expect(built).toEqual(wanted);
  });
});
