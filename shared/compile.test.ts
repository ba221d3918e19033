import { describe, expect, it } from '@jest/globals';
import { deployment } from '../test/support/deployments.ts';
import { compile } from './compile.ts';
import type { Deployment } from './deployment.ts';
import { nameOf } from './findings/finding.ts';
import { defaultSettings } from './settings-file.ts';
import type { Snapshot } from './snapshot.ts';

const NAME = 'serving-m-1';
const SERVICE = 'apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving\nmodel: m\nversion: v1\n';

function live(name: string, config: string, annotations: Readonly<Record<string, string>> = {}): Deployment {
  return deployment(`shop/${name}`, {
    config,
    annotations: { 'waymark.dev/injected': '{"main":[]}', ...annotations },
    metadata: { uid: `uid-of-${name}`, creationTimestamp: '2024-05-01T00:00:00Z' },
  });
}

function snapshot(deployments: readonly Deployment[], parts: Partial<Snapshot> = {}): Snapshot {
  return {
    settings: { ...defaultSettings, domain: 'service.example.com' },
    now: 0,
    deployments,
    namespaces: new Map(),
    existing: [],
    istio: true,
    ...parts,
  };
}

function built(world: Snapshot): readonly string[] {
  return compile(world).objects.map(({ group, object }) => `${group}: ${object.kind} ${object.metadata.name}`);
}

function found(world: Snapshot): readonly string[] {
  return compile(world).findings.map(nameOf);
}

const both = live(NAME, `${SERVICE}hosts: [a.example.com]\nreplicas: {min: 1, max: 2}\nmetrics: cpu:500m\n`);

describe('a cluster without Istio (C12)', () => {
  it('has Services and autoscalers, and the Deployment is told once that its routes are not there', () => {
    const world = snapshot([both], { istio: false });

    expect(built(world)).toEqual([
      `Deployment/shop/${NAME}: HorizontalPodAutoscaler ${NAME}`,
      `Deployment/shop/${NAME}: Service ${NAME}`,
    ]);
    expect(found(world)).toEqual(['RoutesUnavailable']);
    expect(found({ ...world, focus: 'Host/a.example.com' })).toEqual([]);
  });

  it('says nothing to a Deployment that wants no route', () => {
    const world = snapshot([live(NAME, SERVICE)], { istio: false });

    expect(found({ ...world, settings: defaultSettings })).toEqual([]);
  });
});

describe('a focus', () => {
  it('builds one group and nothing else', () => {
    expect(built(snapshot([both], { focus: 'Host/a.example.com' }))).toEqual([
      'Host/a.example.com: VirtualService a.example.com',
    ]);
    expect(built(snapshot([both], { focus: `Deployment/shop/${NAME}` }))).toEqual([
      `Deployment/shop/${NAME}: HorizontalPodAutoscaler ${NAME}`,
      `Deployment/shop/${NAME}: Service ${NAME}`,
      `Deployment/shop/${NAME}: VirtualService ${NAME}`,
    ]);
  });

  it('admits nothing', () => {
    expect(compile(snapshot([both], { focus: 'Host/a.example.com' })).admitted).toEqual([]);
  });
});

describe('what is frozen', () => {
  const group = `Deployment/shop/${NAME}`;

  it.each<[string, Deployment, readonly string[], readonly string[]]>([
    ['is not what is fine', live(NAME, SERVICE), [], []],
    ['is a text with an error', live(NAME, `${SERVICE}nonsense: 1\n`), [group], ['FieldUnknown', 'AnnotationInvalid']],
    ['is what is paused', live(NAME, SERVICE, { 'waymark.dev/paused': 'true' }), [group], []],
    ['is not what says that it is not paused', live(NAME, SERVICE, { 'waymark.dev/paused': 'false' }), [], []],
    ['is what is being deleted', deleted(live(NAME, SERVICE)), [group], []],
    ['is not what has lost its annotation', unannotated(live(NAME, SERVICE)), [], []],
  ])('%s', (_, one, frozen, findings) => {
    const compilation = compile(snapshot([one]));

    expect(compilation.frozen).toEqual(frozen);
    expect(compilation.findings.map(nameOf)).toEqual(findings);
    if (frozen.length > 0) expect(compilation.objects).toEqual([]);
  });

  it('is a Deployment under policy off, and one of a namespace that is never acted on', () => {
    const namespace = { metadata: { name: 'shop', labels: { 'waymark.dev/policy': 'off' } } };
    const system = {
      ...live('web', SERVICE),
      metadata: { ...live('web', SERVICE).metadata, namespace: 'kube-system' },
    };

    const world = snapshot([live(NAME, SERVICE), system], { namespaces: new Map([['shop', namespace]]) });

    expect(compile(world)).toMatchObject({
      objects: [],
      findings: [],
      frozen: [group, 'Deployment/kube-system/web'].sort(),
    });
  });
});

describe('a host of which all that lives is frozen', () => {
  it('is frozen too', () => {
    const first = compile(snapshot([both]));
    const existing = first.objects.map(({ object }) => object);
    const paused = live(NAME, `${SERVICE}hosts: [b.example.com]\n`, { 'waymark.dev/paused': 'true' });

    expect(compile(snapshot([paused], { existing, focus: 'Host/a.example.com' }))).toMatchObject({
      objects: [],
      frozen: [`Deployment/shop/${NAME}`, 'Host/a.example.com'],
    });
    expect(compile(snapshot([paused], { existing, focus: 'Host/b.example.com' })).objects).toEqual([]);
  });

  it('goes when the Deployment is gone', () => {
    const existing = compile(snapshot([both])).objects.map(({ object }) => object);

    expect(compile(snapshot([], { existing, focus: 'Host/a.example.com' }))).toMatchObject({ objects: [], frozen: [] });
  });
});

function deleted(one: Deployment): Deployment {
  return { ...one, metadata: { ...one.metadata, deletionTimestamp: '2024-05-02T00:00:00Z' } };
}

function unannotated(one: Deployment): Deployment {
  return { ...one, metadata: { ...one.metadata, annotations: { 'waymark.dev/injected': '{"main":[]}' } } };
}

describe('a misspelt annotation', () => {
  it('is found on a Deployment that has no other', () => {
    const one = deployment('shop/web', { annotations: { 'waymark.dev/confg': SERVICE } });

    expect(found(snapshot([one]))).toEqual(['AnnotationUnknown']);
    expect(compile(snapshot([one])).admitted).toEqual([]);
  });
});
