import { describe, expect, it } from '@jest/globals';
import { applied } from '../../test/support/apply-patch.ts';
import { asStored } from '../../test/support/deployments.ts';
import {
  decideOn,
  mergeClientSide,
  objectOf,
  recordOf,
  requestOf,
  settings,
  withTemplate,
} from '../../test/support/injection-world.ts';
import type { Config, Manifest } from '../../test/support/injection-world.ts';
import { nameOf } from '../findings/finding.ts';
import type { AdmissionDecision } from '../admission.ts';
import type { Deployment, EnvVar } from '../deployment.ts';
import { REPLICAS } from './bookkeeping.ts';
import { INJECTED } from './record.ts';
import { VARIABLE_NAMES } from './variables.ts';

const PROD = settings('prod', 'shanghai');
const CONFIG: Config = { version: 'v2024.05.01', modelPath: '', mappingsOnly: false };

function manifest(env: readonly EnvVar[] = [], config: Partial<Config> | null = {}): Manifest {
  return {
    config: config ? { ...CONFIG, ...config } : undefined,
    containers: [{ name: 'main', image: 'example.com/m:1', env }],
  };
}

function create(object: Deployment, platform = PROD): AdmissionDecision {
  return decideOn(requestOf(object, undefined, platform));
}

function update(object: Deployment, old: Deployment, platform = PROD): AdmissionDecision {
  return decideOn(requestOf(object, old, platform));
}

function stored(object: Deployment): Deployment {
  return asStored(create(object).admitted);
}

function namesOf({ findings }: AdmissionDecision): readonly string[] {
  return findings.map(nameOf);
}

function envOf(object: Deployment, index = 0): readonly EnvVar[] {
  return object.spec.template.spec.containers[index]?.env ?? [];
}

function valueOf(object: Deployment, name: string): string | undefined {
  return envOf(object).find(entry => entry.name === name)?.value;
}

function annotated(object: Deployment, annotations: Readonly<Record<string, string | undefined>>): Deployment {
  const all = Object.entries({ ...object.metadata.annotations, ...annotations });
  const kept = Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== undefined));
  return { ...object, metadata: { ...object.metadata, annotations: kept } };
}

describe('a new Deployment', () => {
  it('gets all variables in the fixed order in front of its own', () => {
    const { admitted, findings } = create(objectOf(manifest([{ name: 'A', value: '1' }])));

    expect(envOf(admitted)).toEqual([
      { name: 'KUBEFLOW_ENV', value: 'prod' },
      { name: 'KUBEFLOW_MODEL_PATH', value: '' },
      { name: 'KUBEFLOW_MODEL_VERSION', value: 'v2024.05.01' },
      { name: 'KUBEFLOW_MODEL_IMAGES', value: 'example.com/m:1' },
      { name: 'KUBEFLOW_MODEL_NAME', value: 'resnet' },
      { name: 'KUBEFLOW_AREA', value: 'shanghai' },
      { name: 'K8S_NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
      { name: 'K8S_POD_NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
      { name: 'K8S_POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'K8S_HOST_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.hostIP' } } },
      { name: 'K8S_POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: 'A', value: '1' },
    ]);
    expect(findings).toEqual([]);
  });

  it('with Mappings only gets the environment, the area and the downward API', () => {
    const { admitted } = create(objectOf(manifest([], { mappingsOnly: true })));

    expect(envOf(admitted).map(({ name }) => name)).toEqual([
      'KUBEFLOW_ENV',
      'KUBEFLOW_AREA',
      ...VARIABLE_NAMES.filter(name => name.startsWith('K8S_')),
    ]);
  });

  it('gets them in init containers and in every container', () => {
    const object = objectOf(manifest());
    const init = { name: 'fetch', image: 'example.com/f:1' };
    const both = { ...object.spec.template.spec, initContainers: [init] };
    const { admitted } = create({
      ...object,
      spec: { ...object.spec, template: { ...object.spec.template, spec: both } },
    });

    expect(admitted.spec.template.spec.initContainers?.[0]?.env).toEqual(envOf(admitted));
    expect(Object.keys(recordOf(admitted))).toEqual(['fetch', 'main']);
  });

  it('keeps a variable that the user wrote, with a warning and out of the record (S-17)', () => {
    const decision = create(objectOf(manifest([{ name: 'KUBEFLOW_ENV', value: 'prod' }])));

    expect(namesOf(decision)).toEqual(['UserVariableKept']);
    expect(envOf(decision.admitted).filter(({ name }) => name === 'KUBEFLOW_ENV')).toHaveLength(1);
    expect(envOf(decision.admitted).at(-1)).toEqual({ name: 'KUBEFLOW_ENV', value: 'prod' });
    expect(recordOf(decision.admitted)['main']).not.toContain('KUBEFLOW_ENV');
  });

  it('keeps fields that Waymark does not know (W13)', () => {
    const object = { ...objectOf(manifest()), future: { field: [1] } };

    expect(create(object).admitted).toMatchObject({ future: { field: [1] } });
  });

  it.each([
    ['that names nothing', '{}'],
    ['that is no JSON', 'x'],
    ['that claims what the user wrote', '{"main":["KUBEFLOW_ENV"]}'],
    ['that claims a variable that is not Waymark\u2019s', '{"main":["A"]}'],
    ['that claims a container that is not there', '{"other":["KUBEFLOW_AREA"]}'],
    ['that would reach a prototype', '{"__proto__":["KUBEFLOW_AREA"]}'],
  ])('has a record dropped %s, with a warning (S-19)', (_, record) => {
    const mine = { name: 'KUBEFLOW_ENV', value: 'mine' };
    const clean = create(objectOf(manifest([mine])));

    const decision = create(annotated(objectOf(manifest([mine])), { [INJECTED]: record, [REPLICAS]: '3' }));

    expect(namesOf(decision)).toEqual(['BookkeepingDropped', 'BookkeepingDropped', 'UserVariableKept']);
    expect(decision.admitted).toEqual(clean.admitted);
  });

  it('copied whole from another cluster is taken as it is where it is what would be written', () => {
    const copy = stored(objectOf(manifest()));

    expect(create(copy)).toMatchObject({ findings: [], patch: [] });
  });

  it('is not given more than 1 MiB, and is told', () => {
    const decision = create(objectOf(manifest([], { modelPath: 'x'.repeat(1024 * 1024) })));

    expect(namesOf(decision)).toEqual(['PatchTooLarge']);
    expect(decision.patch).toEqual([]);
  });
});

describe('an update', () => {
  const live = stored(objectOf(manifest()));

  it('of the annotation is followed by the variables (client-side apply)', () => {
    const sent = mergeClientSide(live, manifest(), manifest([], { version: 'v2024.05.02' }));

    expect(valueOf(update(sent, live).admitted, 'KUBEFLOW_MODEL_VERSION')).toBe('v2024.05.02');
  });

  it('of the image is followed by KUBEFLOW_MODEL_IMAGES', () => {
    const [main] = live.spec.template.spec.containers;
    const sent = withTemplate(live, live.metadata.annotations ?? {}, [
      { ...main, name: 'main', image: 'example.com/m:2' },
    ]);

    const { patch, admitted } = update(sent, live);

    expect(valueOf(admitted, 'KUBEFLOW_MODEL_IMAGES')).toBe('example.com/m:2');
    expect(patch).toEqual([
      {
        op: 'replace',
        path: '/spec/template/spec/containers/0/env/3',
        value: { name: 'KUBEFLOW_MODEL_IMAGES', value: 'example.com/m:2' },
      },
    ]);
  });

  it('that replaces everything by the manifest changes nothing, also after the platform changed (R-22)', () => {
    const { patch, admitted } = update(objectOf(manifest()), live, settings('test', 'guangzhou'));

    expect(asStored(admitted)).toEqual(live);
    expect(applied(objectOf(manifest()), patch)).toEqual(admitted);
  });

  it('that touches something else takes up no new setting of the platform (R-22)', () => {
    expect(update(live, live, settings('test', 'guangzhou')).patch).toEqual([]);
  });

  it('of the template takes up the new settings of the platform', () => {
    const sent = objectOf(manifest([{ name: 'A', value: '1' }]));

    expect(valueOf(update(sent, live, settings('prod', 'guangzhou')).admitted, 'KUBEFLOW_AREA')).toBe('guangzhou');
  });

  it('that changes one of ours makes it the user\u2019s, for good', () => {
    const sent = withTemplate(live, live.metadata.annotations ?? {}, [
      { name: 'main', image: 'example.com/m:1', env: envOf(live).map(mine) },
    ]);

    const decision = update(sent, live);
    const next = mergeClientSide(asStored(decision.admitted), manifest(), manifest([], { version: 'v2024.05.02' }));

    expect(namesOf(decision)).toEqual(['UserVariableKept']);
    expect(valueOf(update(next, asStored(decision.admitted)).admitted, 'KUBEFLOW_AREA')).toBe('mine');
  });

  it('that gives a container another name takes what was ours along with it', () => {
    const [main] = live.spec.template.spec.containers;
    const sent = withTemplate(live, live.metadata.annotations ?? {}, [
      { ...main, name: 'server', image: 'example.com/m:2' },
    ]);

    const { admitted, findings } = update(sent, live);

    expect(findings).toEqual([]);
    expect(valueOf(admitted, 'KUBEFLOW_MODEL_IMAGES')).toBe('example.com/m:2');
    expect(recordOf(admitted)).toEqual({ server: recordOf(live)['main'] });
  });

  it('that copies a container makes the copied variables the user\u2019s', () => {
    const [main] = live.spec.template.spec.containers;
    const sent = withTemplate(live, live.metadata.annotations ?? {}, [
      { ...main, name: 'main' },
      { ...main, name: 'copy' },
    ]);

    expect(recordOf(update(sent, live).admitted)['copy']).toEqual([]);
  });

  it('in which the user writes just what would be computed, without a record, makes it his', () => {
    const old = objectOf(manifest());
    const sent = objectOf(manifest([{ name: 'KUBEFLOW_AREA', value: 'shanghai' }]));

    expect(recordOf(update(sent, old).admitted)['main']).not.toContain('KUBEFLOW_AREA');
  });

  it('takes away what the annotation no longer asks for', () => {
    const sent = mergeClientSide(live, manifest(), manifest([], { mappingsOnly: true }));

    expect(envOf(update(sent, live).admitted).map(({ name }) => name)).not.toContain('KUBEFLOW_MODEL_NAME');
  });

  it('that takes the annotation away takes variables and bookkeeping away, and nothing else', () => {
    const mine = manifest([{ name: 'A', value: '1' }]);
    const old = annotated(stored(objectOf(mine)), { [REPLICAS]: '3' });
    const sent = mergeClientSide(old, mine, { ...mine, config: undefined });

    const { admitted, findings } = update(sent, old);

    expect(findings).toEqual([]);
    expect(asStored(admitted)).toEqual(objectOf({ ...mine, config: undefined }));
  });

  it('leaves no empty list where all was ours', () => {
    const sent = mergeClientSide(live, manifest(), manifest([], null));

    expect(update(sent, live).patch).toContainEqual({ op: 'remove', path: '/spec/template/spec/containers/0/env' });
  });

  it('completes what was stored without its variables', () => {
    const raw = objectOf(manifest());

    expect(envOf(update(raw, raw).admitted)).toHaveLength(11);
  });

  it('completes a container that came while the webhook was away', () => {
    const containers = [...live.spec.template.spec.containers, { name: 'side', image: 'example.com/s:1' }];
    const old = withTemplate(live, live.metadata.annotations ?? {}, containers);

    expect(envOf(update(old, old).admitted, 1)).toHaveLength(11);
  });

  it('completes a container that lost a variable while the webhook was away', () => {
    const [main] = live.spec.template.spec.containers;
    const env = envOf(live).filter(({ name }) => name !== 'KUBEFLOW_AREA');
    const old = withTemplate(live, live.metadata.annotations ?? {}, [{ ...main, name: 'main', env }]);

    expect(valueOf(update(old, old).admitted, 'KUBEFLOW_AREA')).toBe('shanghai');
  });

  it('moves ours back to the front where an edit put them behind', () => {
    const old = stored(objectOf(manifest([{ name: 'A', value: '1' }])));
    const [main] = old.spec.template.spec.containers;
    const moved = withTemplate(old, old.metadata.annotations ?? {}, [
      { ...main, name: 'main', env: envOf(old).toReversed() },
    ]);

    expect(asStored(update(moved, old).admitted)).toEqual(old);
  });

  it.each<[string, string | undefined, string[]]>([
    ['sent back as it is is fine', live.metadata.annotations?.[INJECTED], []],
    ['left out is fine', undefined, []],
    ['emptied is refused', '{}', ['BookkeepingChanged']],
    ['made shorter is refused', '{"main":["KUBEFLOW_ENV"]}', ['BookkeepingChanged']],
    ['made longer is refused', '{"main":["KUBEFLOW_ENV","A"]}', ['BookkeepingChanged']],
    ['that is no JSON is refused', 'x', ['BookkeepingChanged']],
  ])('with the record %s (S-19)', (_, record, findings) => {
    const decision = update(annotated(live, { [INJECTED]: record }), live);

    expect(namesOf(decision)).toEqual(findings);
    if (findings.length === 0) expect(asStored(decision.admitted)).toEqual(live);
    else expect(decision.patch).toEqual([]);
  });

  it.each<[string, string | undefined, string | undefined, string[]]>([
    ['sent back as it is is fine', '3', '3', []],
    ['left out is put back', '3', undefined, []],
    ['changed is refused', '3', '4', ['BookkeepingChanged']],
    ['made up is refused', undefined, '4', ['BookkeepingChanged']],
  ])('with the size before retirement %s (S-19)', (_, before, sent, findings) => {
    const old = annotated(live, { [REPLICAS]: before });
    const decision = update(annotated(live, { [REPLICAS]: sent }), old);

    expect(namesOf(decision)).toEqual(findings);
    if (findings.length === 0) expect(asStored(decision.admitted)).toEqual(old);
  });

  it('to another version with the same digits is refused and told the first one (R-05)', () => {
    const decision = update(mergeClientSide(live, manifest(), manifest([], { version: 'v2024.0501' })), live);

    expect(namesOf(decision)).toEqual(['VersionCollision']);
    expect(decision.findings[0]?.must).toContain('v2024.05.01');
  });
});

function mine(entry: EnvVar): EnvVar {
  return entry.name === 'KUBEFLOW_AREA' ? { name: entry.name, value: 'mine' } : entry;
}
