import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../kube/types.ts';
import type { OwnerReference } from '../shared/snapshot.ts';
import { createScalers, targetOfAutoscaler, targetOfScaledObject } from './scalers.ts';

function object(spec: unknown, ...ownerReferences: readonly OwnerReference[]): KubeObject {
  return { metadata: { namespace: 'shop', name: 'one', ownerReferences }, spec };
}

const owner = (kind: string, apiVersion: string) => ({ kind, apiVersion, name: 'queue', uid: 'u', controller: true });
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

describe('what an autoscaler scales', () => {
  const rows: Record<string, readonly [KubeObject, unknown]> = {
    'a Deployment': [object({ scaleTargetRef: DEPLOYMENT }), { deployment: 'web' }],
    'a Deployment of another version of its group': [
      object({ scaleTargetRef: { ...DEPLOYMENT, apiVersion: 'apps/v1beta2' } }),
      { deployment: 'web' },
    ],
    'a Deployment, by order of KEDA': [
      object({ scaleTargetRef: DEPLOYMENT }, owner('ScaledObject', 'keda.sh/v1alpha1')),
      { deployment: 'web', scaledObject: 'queue' },
    ],
    'a Deployment, by order of something else': [
      object({ scaleTargetRef: DEPLOYMENT }, owner('Elastic', 'example.com/v1')),
      { deployment: 'web' },
    ],
    'a Deployment that owns it, as ours are': [
      object({ scaleTargetRef: DEPLOYMENT }, owner('Deployment', 'apps/v1')),
      undefined,
    ],
    'a StatefulSet': [object({ scaleTargetRef: { ...DEPLOYMENT, kind: 'StatefulSet' } }), undefined],
    'a kind of its own by the same name': [
      object({ scaleTargetRef: { ...DEPLOYMENT, apiVersion: 'example.com/v1' } }),
      undefined,
    ],
    'what Kubernetes cannot find, since its group is not said': [
      object({ scaleTargetRef: { kind: 'Deployment', name: 'web' } }),
      undefined,
    ],
    'nothing at all': [object(undefined), undefined],
  };

  it.each(Object.entries(rows))('%s', (_, [autoscaler, target]) => {
    expect(targetOfAutoscaler(autoscaler)).toEqual(target);
  });
});

describe('what a ScaledObject of KEDA scales', () => {
  const rows: Record<string, readonly [unknown, unknown]> = {
    'a Deployment, if it says no kind': [{ scaleTargetRef: { name: 'web' } }, { deployment: 'web' }],
    'a Deployment, if it says an empty kind': [
      { scaleTargetRef: { apiVersion: '', kind: '', name: 'web' } },
      { deployment: 'web' },
    ],
    'a Deployment in full': [{ scaleTargetRef: DEPLOYMENT }, { deployment: 'web' }],
    'a StatefulSet': [{ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' } }, undefined],
    'a custom resource': [
      { scaleTargetRef: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web' } },
      undefined,
    ],
    nothing: [{}, undefined],
  };

  it.each(Object.entries(rows))('%s', (_, [spec, target]) => {
    expect(targetOfScaledObject(object(spec))).toEqual(target);
  });
});

describe('who scales a Deployment', () => {
  const change = (name: string, before: string | undefined, after: string | undefined) => ({
    namespace: 'shop',
    name,
    before: before === undefined ? undefined : { deployment: before },
    after: after === undefined ? undefined : { deployment: after },
  });

  it('is known by the Deployment, in a stable order, and wakes it alone', () => {
    const woken: string[] = [];
    const scalers = createScalers((namespace, name) => woken.push(`${namespace}/${name}`));

    scalers.changed('ScaledObject', change('queue', undefined, 'web'));
    scalers.changed('HorizontalPodAutoscaler', change('b', undefined, 'web'));
    scalers.changed('HorizontalPodAutoscaler', change('a', undefined, 'web'));
    scalers.changed('HorizontalPodAutoscaler', change('c', undefined, 'other'));

    expect(scalers.of('shop', 'web').map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'HorizontalPodAutoscaler a',
      'HorizontalPodAutoscaler b',
      'ScaledObject queue',
    ]);
    expect(scalers.of('lab', 'web')).toEqual([]);
    expect(woken).toEqual(['shop/web', 'shop/web', 'shop/web', 'shop/other']);
  });

  it('changes with the target, which wakes both', () => {
    const woken: string[] = [];
    const scalers = createScalers((_, name) => woken.push(name));
    scalers.changed('HorizontalPodAutoscaler', change('a', undefined, 'web'));

    scalers.changed('HorizontalPodAutoscaler', change('a', 'web', 'other'));
    scalers.changed('HorizontalPodAutoscaler', change('a', 'other', undefined));

    expect(woken).toEqual(['web', 'web', 'other', 'other']);
    expect([...scalers.of('shop', 'web'), ...scalers.of('shop', 'other')]).toEqual([]);
  });

  it('is the ScaledObject, and not the HorizontalPodAutoscaler that KEDA made for it, while both are there', () => {
    const scalers = createScalers(() => undefined);
    scalers.changed('HorizontalPodAutoscaler', {
      ...change('keda-hpa-queue', undefined, undefined),
      after: { deployment: 'web', scaledObject: 'queue' },
    });
    const first = scalers.of('shop', 'web');
    scalers.changed('ScaledObject', change('queue', undefined, 'web'));
    const both = scalers.of('shop', 'web');
    scalers.changed('ScaledObject', change('queue', 'web', undefined));

    expect(first.map(({ name }) => name)).toEqual(['keda-hpa-queue']);
    expect(both).toEqual([{ kind: 'ScaledObject', namespace: 'shop', name: 'queue' }]);
    expect(scalers.of('shop', 'web')).toEqual(first);
  });
});
