import { LABELS, NAMESPACE, apply, merge, operation } from './calls.ts';
import type { Call, Operation } from './calls.ts';

/** Operations on custom resources. */

export const ROUTES = `/apis/networking.istio.io/v1/namespaces/${NAMESPACE}/virtualservices`;

function route(weights: readonly number[], metadata: object = {}): object {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'shop.example.com', namespace: NAMESPACE, labels: LABELS, ...metadata },
    spec: {
      hosts: ['shop.example.com'],
      gateways: ['istio-system/ingressgateway'],
      http: [
        {
          name: 'memory/model/catch-all',
          route: weights.map((weight, i) => ({ destination: { host: `web-${i}`, port: { number: 80 } }, weight })),
        },
      ],
    },
  };
}

const SHOP = `${ROUTES}/shop.example.com`;

export const CUSTOM: readonly Operation[] = [
  operation('a custom resource is applied', apply(SHOP, route([20, 80]))),
  operation('the same apply of a custom resource changes nothing', apply(SHOP, route([20, 80]))),
  operation('a list of a custom resource is one value', apply(SHOP, route([100]))),
  operation('somebody else changes a custom resource', merge(SHOP, { spec: { gateways: ['other'] } })),
  operation('an apply of a custom resource meets it', apply(SHOP, route([100]))),
  operation(
    'a forced apply of a custom resource takes it back',
    apply(SHOP, route([100]), 'fieldManager=waymark&force=true'),
  ),
  operation('the labels of a custom resource are no generation', merge(SHOP, { metadata: { labels: { a: 'b' } } })),
  operation(
    'the status of a custom resource is written by itself',
    merge(`${SHOP}/status`, { status: { observedGeneration: 4 }, spec: { hosts: [] } }),
  ),
  operation('the status of an older state is refused', ({ version }) =>
    merge(`${SHOP}/status`, { metadata: { resourceVersion: version('shop.example.com', 1) }, status: {} }),
  ),
  operation('the status of the present state is written', ({ object }) =>
    merge(`${SHOP}/status`, {
      metadata: { resourceVersion: object('shop.example.com').metadata.resourceVersion },
      status: { observedGeneration: 5 },
    }),
  ),
  operation(
    'the status that is there already is not written',
    merge(`${SHOP}/status`, { status: { observedGeneration: 5 } }),
  ),
  operation('a custom resource is not replaced without a version', { method: 'PUT', path: SHOP, body: route([100]) }),
  operation('a custom resource is deleted in its present state', ({ object }) => {
    const { uid, resourceVersion } = object('shop.example.com').metadata;
    return { method: 'DELETE', path: SHOP, body: { preconditions: { uid, resourceVersion } } };
  }),
  operation('a kind that is not served is not found', { method: 'GET', path: '/apis/waymark.example/v1/ghosts' }),
];

const HOSTS = '/apis/waymark.dev/v1/hosts';
const HOST = `${HOSTS}/models.example.com`;

function host(name: string, spec: object): Call {
  return {
    method: 'POST',
    path: HOSTS,
    body: { apiVersion: 'waymark.dev/v1', kind: 'Host', metadata: { name }, spec },
  };
}

function member(uid: string): object {
  const share = { wanted: 100, effective: 100 };
  const text = { line: 'serving/model/prod', reason: 'Leads', message: 'it leads', since: '2026-01-01T00:00:00.000Z' };
  return { namespace: 'shop', name: 'model', uid, ready: true, share, mirror: share, state: 'Active', ...text };
}

function condition(): object {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return { type: 'Ready', status: 'True', lastTransitionTime, reason: 'Routed', message: '' };
}

function statusOf(more: object): object {
  return { conditions: [condition()], members: [member('u')], ...more };
}

export const HOST_KIND: readonly Operation[] = [
  operation('a Host is claimed', host('models.example.com', { namespace: 'shop' })),
  operation('a Host that is claimed is not claimed again', host('models.example.com', { namespace: 'other' })),
  operation('a Host has a canonical name', host('Models.example.com', { namespace: 'shop' })),
  operation('a Host is no address', host('10.0.0.1', { namespace: 'shop' })),
  operation('a Host has an owner', host('nobody.example.com', {})),
  operation('the status of a Host is written', merge(`${HOST}/status`, { status: statusOf({ active: 'shop/model' }) })),
  operation('the status of a Host has members', merge(`${HOST}/status`, { status: { members: null } })),
  operation(
    'no member of a Host is there twice',
    merge(`${HOST}/status`, { status: { members: [member('u'), member('u')] } }),
  ),
  operation('a Host is handed over in its present state', ({ object }) =>
    merge(HOST, {
      metadata: { resourceVersion: object('models.example.com').metadata.resourceVersion },
      spec: { namespace: 'other' },
    }),
  ),
  operation('a Host is not handed over in an older state', ({ version }) =>
    merge(HOST, { metadata: { resourceVersion: version('models.example.com', 1) }, spec: { namespace: 'shop' } }),
  ),
  operation('a Host is not replaced without a version', {
    method: 'PUT',
    path: HOST,
    body: {
      apiVersion: 'waymark.dev/v1',
      kind: 'Host',
      metadata: { name: 'models.example.com' },
      spec: { namespace: 'shop' },
    },
  }),
  operation('a Host is given up in its present state', ({ object }) => {
    const { uid, resourceVersion } = object('models.example.com').metadata;
    return { method: 'DELETE', path: HOST, body: { preconditions: { uid, resourceVersion } } };
  }),
];
