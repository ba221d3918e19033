import { CONFIG_MAPS, GENERATIONS, SERVER_SIDE_APPLY, WRITES, configMap } from './built-in-kinds.ts';
import { NAMESPACE, get, merge, operation } from './calls.ts';
import type { Operation, Shown } from './calls.ts';
import { CUSTOM, HOST_KIND, ROUTES } from './custom-kinds.ts';

const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
const EVENTS = `/api/v1/namespaces/${NAMESPACE}/events`;

function lease(holder: string, metadata: object = {}): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'waymark-controller', namespace: NAMESPACE, ...metadata },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15, leaseTransitions: 0 },
  };
}

const LEASE = `${LEASES}/waymark-controller`;

const LOCKS: readonly Operation[] = [
  operation('a Lease is made', { method: 'POST', path: LEASES, body: lease('a') }),
  operation('a Lease is renewed in its present state', ({ object }) => ({
    method: 'PUT',
    path: LEASE,
    body: { ...object('waymark-controller'), spec: (lease('a') as Shown).spec },
  })),
  operation('a Lease is taken in its present state', ({ object }) => ({
    method: 'PUT',
    path: LEASE,
    body: { ...object('waymark-controller'), spec: (lease('b') as Shown).spec },
  })),
  operation('a Lease of an older state is not renewed', ({ version }) => ({
    method: 'PUT',
    path: LEASE,
    body: lease('a', { resourceVersion: version('waymark-controller', 1) }),
  })),
  operation('a Lease is not replaced without a version', { method: 'PUT', path: LEASE, body: lease('a') }),
  operation('an Event is made', {
    method: 'POST',
    path: EVENTS,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'model.1', namespace: NAMESPACE },
      involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'model', uid: 'u' },
      reason: 'Promoted',
      message: 'it leads',
      type: 'Normal',
      count: 1,
      action: 'Promoted',
      source: { component: 'waymark-controller' },
      reportingComponent: 'waymark-controller',
      reportingInstance: 'one',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      eventTime: '2026-01-01T00:00:00.000000Z',
    },
  }),
  operation('an Event is counted once more', merge(`${EVENTS}/model.1`, { count: 2 })),
];

/** Objects of one name each, for lists and watches. */
const LISTED = ['a', 'b', 'c'];

const LISTS: readonly Operation[] = [
  ...LISTED.map(name =>
    operation(`object ${name} of a list is made`, {
      method: 'POST',
      path: CONFIG_MAPS,
      body: configMap({ letter: name }, { name: `list-${name}`, labels: { list: 'yes', letter: name } }),
    }),
  ),
  get(`${CONFIG_MAPS}?labelSelector=list%3Dyes`, 'a list is sorted by name'),
  get(`${CONFIG_MAPS}?labelSelector=list%3Dyes,letter!%3Db`, 'a list leaves out a label'),
  get(`${CONFIG_MAPS}?labelSelector=letter`, 'a list of those that have a label'),
  get(`${CONFIG_MAPS}?labelSelector=list%3Dyes,!nothing`, 'a list of those that lack a label'),
  get(`${CONFIG_MAPS}?fieldSelector=metadata.name%3Dlist-b`, 'a list of one name'),
  get(`${CONFIG_MAPS}?labelSelector=list%3Dyes&limit=2`, 'a list has pages'),
  operation('the next page goes on', ({ continued }) => ({
    method: 'GET',
    path: `${CONFIG_MAPS}?labelSelector=list%3Dyes&limit=2&continue=${encodeURIComponent(continued())}`,
  })),
  get(`${ROUTES}?limit=1`, 'a list of a custom resource that has none'),
];

export const OPERATIONS: readonly Operation[] = [
  ...SERVER_SIDE_APPLY,
  ...WRITES,
  ...GENERATIONS,
  ...CUSTOM,
  ...HOST_KIND,
  ...LOCKS,
  ...LISTS,
];

/** Made and undone between the two ends of a watch, in this order. */
export const WATCHED: readonly Operation[] = [
  operation('an object comes', {
    method: 'POST',
    path: CONFIG_MAPS,
    body: configMap({ a: 'a' }, { name: 'watched', labels: { watch: 'yes' } }),
  }),
  operation('an object changes', merge(`${CONFIG_MAPS}/watched`, { data: { a: 'b' } })),
  operation('an object that is not selected comes', {
    method: 'POST',
    path: CONFIG_MAPS,
    body: configMap({ a: 'a' }, { name: 'unwatched' }),
  }),
  operation(
    'it comes into the selection',
    merge(`${CONFIG_MAPS}/unwatched`, { metadata: { labels: { watch: 'yes' } } }),
  ),
  operation('it leaves the selection', merge(`${CONFIG_MAPS}/unwatched`, { metadata: { labels: { watch: null } } })),
  operation('an object goes', { method: 'DELETE', path: `${CONFIG_MAPS}/watched` }),
];

export const WATCH_PATH = `${CONFIG_MAPS}?watch=true&labelSelector=watch%3Dyes&timeoutSeconds=1`;
