import { LABELS, NAMESPACE, apply, get, merge, operation } from './calls.ts';
import type { Operation } from './calls.ts';

/** Operations on the kinds that every cluster has. */

const SERVICES = `/api/v1/namespaces/${NAMESPACE}/services`;
export const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const AUTOSCALERS = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`;
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;

function port(number: number, name: string, more: object = {}): object {
  return { name, protocol: 'TCP', port: number, targetPort: number, ...more };
}

function service(ports: readonly object[], more: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: NAMESPACE, labels: LABELS, ...metadata },
    spec: { type: 'ClusterIP', selector: { app: 'web' }, ports, ...more },
  };
}

const WEB = `${SERVICES}/web`;

export const SERVER_SIDE_APPLY: readonly Operation[] = [
  operation('an apply makes an object', apply(WEB, service([port(80, 'http'), port(81, 'grpc')]))),
  operation('the same apply again changes nothing', apply(WEB, service([port(80, 'http'), port(81, 'grpc')]))),
  operation(
    'a port that is applied no more goes, and others come in the applied order',
    apply(WEB, service([port(82, 'tcp'), port(80, 'http')])),
  ),
  operation(
    'somebody else changes the selector and adds a label',
    merge(WEB, { metadata: { labels: { team: 'a' } }, spec: { selector: { app: 'other' } } }),
  ),
  operation('an apply meets what somebody else changed', apply(WEB, service([port(82, 'tcp'), port(80, 'http')]))),
  operation(
    'a forced apply takes it back and leaves the label',
    apply(WEB, service([port(82, 'tcp'), port(80, 'http')]), 'fieldManager=waymark&force=true'),
  ),
  operation('somebody else replaces the ports', merge(WEB, { spec: { ports: [port(82, 'tcp'), port(90, 'other')] } })),
  operation(
    'a forced apply does not take out a port of somebody else',
    apply(WEB, service([port(82, 'tcp'), port(80, 'http')]), 'fieldManager=waymark&force=true'),
  ),
  operation(
    'another manager applies the same value and shares it',
    apply(WEB, service([port(82, 'tcp')]), 'fieldManager=second'),
  ),
  operation(
    'what is shared stays when one gives it up',
    apply(WEB, service([port(80, 'http')]), 'fieldManager=waymark&force=true'),
  ),
  operation('and goes when the other does too', apply(WEB, service([]), 'fieldManager=second&force=true')),
  operation('an apply of another state than the present one is refused', ({ version }) =>
    apply(
      WEB,
      service([port(80, 'http')], {}, { resourceVersion: version('web', 1) }),
      'fieldManager=waymark&force=true',
    ),
  ),
  operation(
    'an apply to another object of the same name is refused',
    apply(WEB, service([port(80, 'http')], {}, { uid: 'another' }), 'fieldManager=waymark&force=true'),
  ),
  operation('an apply to another object in another state is refused', ({ version }) =>
    apply(
      WEB,
      service([port(80, 'http')], {}, { uid: 'another', resourceVersion: version('web', 1) }),
      'fieldManager=waymark&force=true',
    ),
  ),
  operation('an apply with the present state and identity passes', ({ object }) => {
    const { uid, resourceVersion } = object('web').metadata;
    return apply(WEB, service([port(83, 'http')], {}, { uid, resourceVersion }), 'fieldManager=waymark&force=true');
  }),
  operation(
    'an apply gives up labels altogether',
    apply(WEB, service([port(83, 'http')], {}, { labels: undefined }), 'fieldManager=waymark&force=true'),
  ),
  operation(
    'an apply with an identity makes nothing new',
    apply(`${SERVICES}/ghost`, service([port(80, 'http')], {}, { name: 'ghost', uid: 'another' })),
  ),
  operation(
    'an apply with two equal ports is refused',
    apply(`${SERVICES}/twins`, service([port(80, 'a'), port(80, 'b')], {}, { name: 'twins' })),
  ),
  operation('an apply without ports is refused', apply(`${SERVICES}/none`, service([], {}, { name: 'none' }))),
  operation(
    'an apply in a namespace that is not there is refused',
    apply('/api/v1/namespaces/nowhere/services/web', service([port(80, 'http')], {}, { namespace: 'nowhere' })),
  ),
  get(WEB, 'the object is as the last write was answered'),
];

export function configMap(data: Readonly<Record<string, string>>, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ledger', namespace: NAMESPACE, ...metadata }, data };
}

const LEDGER = `${CONFIG_MAPS}/ledger`;

export const WRITES: readonly Operation[] = [
  get(LEDGER, 'what is not there is not found'),
  operation('an object is made', { method: 'POST', path: CONFIG_MAPS, body: configMap({ one: '1' }) }),
  operation('an object of the same name is not made', { method: 'POST', path: CONFIG_MAPS, body: configMap({}) }),
  operation('an object with a version is not made', {
    method: 'POST',
    path: CONFIG_MAPS,
    body: configMap({}, { name: 'other', resourceVersion: '5' }),
  }),
  operation('a merge patch adds, changes and takes away', merge(LEDGER, { data: { one: null, two: '2' } })),
  operation('a merge patch that changes nothing leaves the version', merge(LEDGER, { data: { two: '2' } })),
  operation('a merge patch of an older state is refused', ({ version }) =>
    merge(LEDGER, { metadata: { resourceVersion: version('ledger', 1) }, data: { three: '3' } }),
  ),
  operation(
    'a merge patch of another object is refused',
    merge(LEDGER, { metadata: { uid: 'another' }, data: { three: '3' } }),
  ),
  operation('a merge patch of another object in another state is refused', ({ version }) =>
    merge(LEDGER, { metadata: { uid: 'another', resourceVersion: version('ledger', 1) }, data: { three: '3' } }),
  ),
  operation('a replacement of another object is refused', {
    method: 'PUT',
    path: LEDGER,
    body: configMap({}, { uid: 'another' }),
  }),
  operation('a merge patch of the present state passes', ({ object }) => {
    const { uid, resourceVersion } = object('ledger').metadata;
    return merge(LEDGER, { metadata: { uid, resourceVersion }, data: { three: '3' } });
  }),
  operation('a merge patch of what is not there is refused', merge(`${CONFIG_MAPS}/ghost`, { data: {} })),
  operation('a replacement of an older state is refused', ({ version }) => ({
    method: 'PUT',
    path: LEDGER,
    body: configMap({}, { resourceVersion: version('ledger', 1) }),
  })),
  operation('a replacement of the present state passes', ({ object }) => ({
    method: 'PUT',
    path: LEDGER,
    body: configMap({ four: '4' }, { resourceVersion: object('ledger').metadata.resourceVersion }),
  })),
  operation('a replacement without a version passes', { method: 'PUT', path: LEDGER, body: configMap({ five: '5' }) }),
  operation('a replacement under another name is refused', {
    method: 'PUT',
    path: LEDGER,
    body: configMap({}, { name: 'other' }),
  }),
  operation('a deletion of another state is refused', ({ version }) => ({
    method: 'DELETE',
    path: LEDGER,
    body: { preconditions: { resourceVersion: version('ledger', 1) } },
  })),
  operation('a deletion of another object is refused', {
    method: 'DELETE',
    path: LEDGER,
    body: { preconditions: { uid: 'another' } },
  }),
  operation('a deletion of the present state passes', ({ object }) => {
    const { uid, resourceVersion } = object('ledger').metadata;
    return {
      method: 'DELETE',
      path: LEDGER,
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        preconditions: { uid, resourceVersion },
      },
    };
  }),
  operation('what is gone is not deleted', { method: 'DELETE', path: LEDGER }),
];

function deployment(replicas: number, annotations: object = {}, image = 'web:1'): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'model', namespace: NAMESPACE, annotations },
    spec: {
      replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      selector: { matchLabels: { app: 'model' } },
      template: {
        metadata: { labels: { app: 'model' } },
        spec: {
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          securityContext: {},
          schedulerName: 'default-scheduler',
          containers: [
            {
              name: 'web',
              image,
              ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              imagePullPolicy: 'IfNotPresent',
            },
          ],
        },
      },
    },
  };
}

const MODEL = `${DEPLOYMENTS}/model`;

export const GENERATIONS: readonly Operation[] = [
  operation('a Deployment begins its generations', {
    method: 'POST',
    path: DEPLOYMENTS,
    body: deployment(2, { 'waymark.dev/paused': 'true' }),
  }),
  operation('its size counts', merge(MODEL, { spec: { replicas: 3 } })),
  operation('its annotations count', merge(MODEL, { metadata: { annotations: { 'waymark.dev/active': 'true' } } })),
  operation('its labels do not', merge(MODEL, { metadata: { labels: { team: 'a' } } })),
  operation(
    'its status does not',
    merge(`${MODEL}/status`, {
      status: { observedGeneration: 3, replicas: 3, updatedReplicas: 3 },
      spec: { replicas: 9 },
    }),
  ),
  operation(
    'the object itself does not change the status',
    merge(MODEL, { status: { replicas: 9 }, spec: { replicas: 4 } }),
  ),
  operation('size and annotation change in one patch of the present state', ({ object }) => {
    const { uid, resourceVersion } = object('model').metadata;
    return merge(MODEL, {
      metadata: { uid, resourceVersion, annotations: { 'waymark.dev/replicas': '4' } },
      spec: { replicas: 0 },
    });
  }),
  operation(
    'an annotation is taken away',
    merge(MODEL, { metadata: { annotations: { 'waymark.dev/replicas': null } } }),
  ),
  operation(
    'an apply of the same template with another size',
    apply(MODEL, deployment(1), 'fieldManager=kubectl&force=true'),
  ),
  operation('a selector is not changed', merge(MODEL, { spec: { selector: { matchLabels: { app: 'other' } } } })),
  operation('a size below zero is refused', merge(MODEL, { spec: { replicas: -1 } })),
  operation('a slice of endpoints begins its generations', { method: 'POST', path: SLICES, body: slice(true) }),
  operation('its endpoints count', merge(`${SLICES}/web-1`, { endpoints: [endpoint(false)] })),
  operation('its annotations do not count', merge(`${SLICES}/web-1`, { metadata: { annotations: { a: 'b' } } })),
  operation('its labels count', merge(`${SLICES}/web-1`, { metadata: { labels: { a: 'b' } } })),
  operation('an autoscaler is applied', apply(`${AUTOSCALERS}/model`, autoscaler(2, 5))),
  operation('an autoscaler is changed', apply(`${AUTOSCALERS}/model`, autoscaler(1, 4))),
  operation(
    'an autoscaler with less at most than at least is refused',
    apply(`${AUTOSCALERS}/model`, autoscaler(5, 4)),
  ),
];

function endpoint(ready: boolean): object {
  return {
    addresses: ['10.244.0.9'],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', namespace: NAMESPACE, name: 'web-1', uid: 'u' },
  };
}

function slice(ready: boolean): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'web-1' } },
    addressType: 'IPv4',
    endpoints: [endpoint(ready)],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  };
}

function autoscaler(minReplicas: number, maxReplicas: number): object {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'model', namespace: NAMESPACE, labels: LABELS },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'no-such-model' },
      minReplicas,
      maxReplicas,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  };
}
