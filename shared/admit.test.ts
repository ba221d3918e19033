import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applied } from '../test/support/apply-patch.ts';
import { asStored, deployment } from '../test/support/deployments.ts';
import { mapping } from '../test/support/readings.ts';
import { worlds } from '../test/support/random-world.ts';
import { admit, missingMutation } from './admit.ts';
import type { AdmissionDecision, AdmissionRequest } from './admission.ts';
import type { Deployment } from './deployment.ts';
import { nameOf } from './findings/finding.ts';
import { defaultSettings } from './settings-file.ts';
import type { Policy, Settings } from './settings.ts';
import type { Namespace } from './snapshot.ts';

const SETTINGS: Settings = { ...defaultSettings, domain: 'service.example.com' };
const NAME = 'tfserving-resnet50-20240501';

function config(parts: Readonly<Record<string, string>> = {}): string {
  const all = { type: 'tfserving', model: 'resnet50', version: 'v2024.05.01', ...parts };
  const fields = Object.entries(all).map(([field, value]) => `${field}: ${value}\n`);
  return `apiVersion: waymark.dev/v1\nkind: InferenceService\n${fields.join('')}`;
}

function requestOf(object: Deployment, old?: Deployment, settings = SETTINGS): AdmissionRequest {
  const request = { object, settings, namespaces: new Map<string, Namespace>() };
  return old ? { ...request, operation: 'UPDATE', oldObject: old } : { ...request, operation: 'CREATE' };
}

function underPolicy(policy: Policy, object: Deployment, old?: Deployment): AdmissionDecision {
  const namespace: Namespace = { metadata: { name: 'shop', labels: { 'waymark.dev/policy': policy } } };
  return admit({ ...requestOf(object, old), namespaces: new Map([['shop', namespace]]) });
}

const namesOf = ({ findings }: AdmissionDecision): readonly string[] => findings.map(nameOf);
const wrong = deployment(`shop/${NAME}`, { config: config({ nonsense: '1' }) });
const good = deployment(`shop/${NAME}`, { config: config() });

describe('the policy', () => {
  it.each<[Policy, readonly string[]]>([
    ['enforce', ['FieldUnknown']],
    ['warn', ['FieldUnknown']],
    ['audit', ['FieldUnknown']],
    ['off', []],
  ])('%s finds what it must in a text with an error and touches nothing', (policy, findings) => {
    const decision = underPolicy(policy, wrong);

    expect(decision.policy).toBe(policy);
    expect(namesOf(decision)).toEqual(findings);
    expect(decision).toMatchObject({ patch: [], admitted: wrong });
  });

  it('off injects nothing into a good one', () => {
    expect(underPolicy('off', good)).toMatchObject({ patch: [], findings: [] });
  });

  it('warn completes a Deployment whose name alone is wrong, so that nothing need restart later', () => {
    const misnamed = deployment('shop/other', { config: config() });

    expect(underPolicy('enforce', misnamed).patch).toEqual([]);
    expect(underPolicy('warn', misnamed).patch).not.toEqual([]);
  });
});

describe('an update whose text has an error', () => {
  const live = asStored(admit(requestOf(good)).admitted);

  it.each<Policy>(['warn', 'audit'])('under %s loses nothing that was written, though it was replaced', policy => {
    const { patch, admitted } = underPolicy(policy, wrong, live);

    expect(asStored(admitted).spec).toEqual(live.spec);
    expect(applied(wrong, patch)).toEqual(admitted);
    expect(underPolicy(policy, admitted, live).patch).toEqual([]);
  });

  it('keeps what the user changed, which is his from then on', () => {
    const own = { name: 'KUBEFLOW_AREA', value: 'mine' };
    const sent = deployment(`shop/${NAME}`, {
      config: config({ nonsense: '1' }),
      containers: good.spec.template.spec.containers.map(container => ({ ...container, env: [own] })),
    });

    const broken = asStored(underPolicy('warn', sent, live).admitted);
    const mended = admit(
      requestOf({ ...broken, metadata: { ...broken.metadata, annotations: live.metadata.annotations ?? {} } }, broken),
    );

    for (const { spec } of [broken, mended.admitted]) {
      const env = spec.template.spec.containers[0]?.env ?? [];
      expect(env.filter(({ name }) => name === own.name)).toEqual([own]);
      expect(env).toHaveLength(11);
    }
  });

  it('passes as it is where nothing was written before', () => {
    expect(underPolicy('warn', wrong, good)).toMatchObject({ patch: [], admitted: wrong });
  });
});

describe('a Deployment passes as it is', () => {
  it.each([
    ['in kube-system', deployment(`kube-system/${NAME}`, { config: config({ nonsense: '1' }) })],
    ["in Waymark's own namespace", deployment(`waymark-system/${NAME}`, { config: config() })],
    [
      'while it is being deleted, so that its finalizers can go (R-15)',
      deployment(`shop/${NAME}`, {
        config: config({ nonsense: '1' }),
        metadata: { deletionTimestamp: '2024-05-01T00:00:00Z' },
      }),
    ],
    ['without an annotation', deployment(`shop/${NAME}`)],
  ])('%s', (_, object) => {
    expect(admit(requestOf(object))).toMatchObject({ findings: [], patch: [], admitted: object });
  });
});

describe('the rule of names (R-04)', () => {
  const misnamed = deployment('shop/resnet', { config: config() });
  const { template } = misnamed.spec;
  const [main] = template.spec.containers;
  const rolled = { ...template, spec: { containers: [{ ...main, name: 'main', image: 'example.com/other:2' }] } };

  it.each<[string, Deployment, Deployment | undefined, readonly string[]]>([
    ['counts for a new Deployment', misnamed, undefined, ['NameMismatch']],
    ['does not count for an old one that is edited', touched(misnamed), misnamed, []],
    [
      'does not count where another field of the annotation changes',
      deployment('shop/resnet', { config: config({ area: 'shanghai' }) }),
      misnamed,
      [],
    ],
    [
      'counts where the identity changes',
      deployment('shop/resnet', { config: config({ model: 'resnet101' }) }),
      misnamed,
      ['NameMismatch'],
    ],
    [
      'counts where the environment changes',
      deployment('shop/resnet', { config: config({ environment: 'test' }) }),
      misnamed,
      ['NameMismatch'],
    ],
    ['counts where the annotation is new', misnamed, deployment('shop/resnet'), ['NameMismatch']],
    [
      'does not count where an error of the old text is mended',
      misnamed,
      deployment('shop/resnet', { config: config({ nonsense: '1' }) }),
      [],
    ],
    [
      'does not count where the new text has an error of its own',
      deployment('shop/resnet', { config: config({ nonsense: '1' }) }),
      misnamed,
      ['FieldUnknown'],
    ],
    [
      'counts where the identity of the old text could not be read',
      misnamed,
      deployment('shop/resnet', { config: config({ version: 'latest' }) }),
      ['NameMismatch'],
    ],
    [
      'does not count where the size and the image change',
      { ...misnamed, spec: { ...misnamed.spec, replicas: 7, template: rolled } },
      misnamed,
      [],
    ],
    ['does not count where the text goes', deployment('shop/resnet'), misnamed, []],
    [
      'counts where an InferenceService comes to Mappings',
      misnamed,
      deployment('shop/resnet', { config: mapping() }),
      ['NameMismatch'],
    ],
    [
      'counts beside a collision where the old name was wrong already',
      deployment('shop/resnet', { config: config({ version: 'v20240501' }) }),
      misnamed,
      ['NameMismatch', 'VersionCollision'],
    ],
    [
      'tells the first version where another has the same digits (R-05)',
      deployment(`shop/${NAME}`, { config: config({ version: 'v20240501' }) }),
      good,
      ['VersionCollision'],
    ],
  ])('%s', (_, object, old, findings) => {
    expect(namesOf(admit(requestOf(object, old)))).toEqual(findings);
  });
});

it('the version that takes a name twice is found at its value', () => {
  const object = deployment(`shop/${NAME}`, { config: config({ version: 'v20240501' }) });

  expect(admit(requestOf(object, good)).findings[0]?.site).toMatchObject({ start: { line: 5, column: 10 } });
});

function touched(object: Deployment): Deployment {
  return { ...object, metadata: { ...object.metadata, labels: { touched: 'yes' } } };
}

describe('two documents of one Deployment that match alike', () => {
  it('are an error at once, with both places', () => {
    const mapping = 'apiVersion: waymark.dev/v1\nkind: Mapping\nprefix: /a/\nhost: a.example.com\n';
    const decision = admit(
      requestOf(deployment('shop/web', { config: `${mapping}name: one\n---\n${mapping}name: two\n` })),
    );

    expect(namesOf(decision)).toEqual(['RouteConflict']);
    expect(decision.findings[0]?.site).toMatchObject({ start: { line: 7, column: 1 } });
    expect(decision.findings[0]?.related[0]?.site).toMatchObject({ start: { line: 3, column: 9 } });
  });
});

describe('a text without bounds (S-02)', () => {
  it.each([
    ['AnnotationTooLarge', `# ${'x'.repeat(262_144)}`],
    ['TooManyDocuments', config() + '---\nkind: x\n'.repeat(64)],
    ['TooDeep', config({ hosts: '['.repeat(100_000) })],
  ])('is %s and nothing is done about it', (name, text) => {
    const decision = admit(requestOf(deployment(`shop/${NAME}`, { config: text })));

    expect(namesOf(decision)).toContain(name);
    expect(decision.patch).toEqual([]);
  });
});

describe('the mutation that must stand (W17)', () => {
  const { admitted } = admit(requestOf(good));

  it('is missed in an object that the mutating hook has not seen', () => {
    expect(missingMutation(requestOf(good))).toMatchObject({
      site: { path: ['spec', 'template', 'spec', 'containers', 0, 'env'] },
    });
  });

  it('is missed where one variable was taken out later', () => {
    const stripped = structuredClone(admitted);
    (stripped.spec.template.spec.containers[0]?.env as unknown[]).splice(2, 1);

    expect(missingMutation(requestOf(stripped))).toMatchObject({
      site: { path: ['spec', 'template', 'spec', 'containers', 0, 'env', 2] },
    });
  });

  it('stands in what the mutating hook answered', () => {
    expect(missingMutation(requestOf(asStored(admitted)))).toBeUndefined();
  });
});

describe('any Deployment', () => {
  it('is changed by a patch that does just that, once, and keeps all that is not ours (W10 W12 W13 W15)', () => {
    fc.assert(
      fc.property(worlds, ({ deployments, settings }) => {
        for (const each of deployments) {
          const object = { ...each, future: { field: ['kept'] } };
          const { patch, admitted } = admit(requestOf(object, undefined, settings));

          expect(applied(object, patch)).toEqual(admitted);
          const stored = asStored(admitted);
          for (const old of [undefined, object, stored]) {
            expect(admit(requestOf(stored, old, settings))).toMatchObject({ patch: [], admitted: stored });
          }
          expect({ ...admitted, metadata: object.metadata, spec: object.spec }).toEqual(object);
          expect(
            patch.every(({ path }) =>
              /^\/(spec\/template\/spec\/(init)?[cC]ontainers\/\d+\/env|metadata\/annotations\/waymark)/.test(path),
            ),
          ).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is decided in the same way on a dry run and again: the answer holds nothing of the moment (W9)', () => {
    fc.assert(
      fc.property(worlds, ({ deployments, settings }) => {
        for (const object of deployments) {
          const again = admit(requestOf(structuredClone(object), undefined, settings));
          expect(again).toEqual(admit(requestOf(object, undefined, settings)));
        }
      }),
      { numRuns: 40 },
    );
  });
});
