import { describe, expect, it } from '@jest/globals';
import { ownablePart, ownedPart, sharedLists } from './owned.ts';
import type { KubeObject } from './types.ts';

const owner = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  uid: '5c9a7d0e-3a0f-4a57-9f5e-6a0c1d2e3f40',
  controller: true,
  blockOwnerDeletion: true,
};
const address = { name: 'web', namespace: 'shop' };
const metadata = { ...address, labels: { 'app.kubernetes.io/managed-by': 'waymark' }, ownerReferences: [owner] };
const metadataFields = {
  'f:labels': { 'f:app.kubernetes.io/managed-by': {} },
  'f:ownerReferences': { [`k:{"uid":"${owner.uid}"}`]: {} },
};

/** As `kubectl get -o json --show-managed-fields` prints it: `waymark` applied, the API server defaulted. */
const desiredService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    type: 'ClusterIP',
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 80, appProtocol: 'http' },
      { name: 'grpc', port: 9000, protocol: 'TCP', targetPort: 9000, appProtocol: 'grpc' },
    ],
  },
} satisfies KubeObject;

const portFields = { '.': {}, 'f:appProtocol': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {}, 'f:targetPort': {} };
const serviceFields = {
  'f:metadata': metadataFields,
  'f:spec': {
    'f:ports': { 'k:{"port":80,"protocol":"TCP"}': portFields, 'k:{"port":9000,"protocol":"TCP"}': portFields },
    'f:selector': {},
    'f:type': {},
  },
};

function entry(fieldsV1: unknown, given: Record<string, string> = {}): unknown {
  const time = '2026-11-24T06:00:00Z';
  return { manager: 'waymark', operation: 'Apply', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1, ...given };
}

function liveService(spec: unknown, managedFields: readonly unknown[]): KubeObject {
  const uid = '11111111-1111-4111-8111-111111111111';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, uid, resourceVersion: '7', creationTimestamp: '2026-11-24T06:00:00Z', managedFields },
    spec,
    status: { loadBalancer: {} },
  };
}

const defaulted = {
  ...desiredService.spec,
  clusterIP: '10.96.0.7',
  clusterIPs: ['10.96.0.7'],
  internalTrafficPolicy: 'Cluster',
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  sessionAffinity: 'None',
};

function omit<T extends object, K extends keyof T>(map: T, name: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => key !== name)) as Omit<T, K>;
}

function isAsDesired(live: KubeObject, desired: KubeObject = desiredService): void {
  expect(ownedPart(live, 'waymark')).toEqual(ownablePart(desired));
}

function differs(live: KubeObject, desired: KubeObject = desiredService): void {
  expect(ownedPart(live, 'waymark')).not.toEqual(ownablePart(desired));
}

describe('a Service', () => {
  it('that holds what was applied equals it, whatever the API server filled in (C2)', () => {
    isAsDesired(liveService(defaulted, [entry(serviceFields)]));
  });

  it('whose other fields belong to others equals it (C9)', () => {
    const spec = { ...defaulted, sessionAffinity: 'ClientIP' };
    const other = entry({ 'f:spec': { 'f:sessionAffinity': {} } }, { manager: 'kubectl-edit', operation: 'Update' });

    isAsDesired(liveService(spec, [other, entry(serviceFields)]));
  });

  it('that has a port of somebody else’s between ours differs, and the list is named', () => {
    const ports = [defaulted.ports[0], { name: 'x', port: 1, protocol: 'TCP', targetPort: 1 }, defaulted.ports[1]];
    const live = liveService({ ...defaulted, ports }, [entry(serviceFields)]);

    differs(live);
    expect(sharedLists(ownedPart(live, 'waymark'))).toEqual(['ports']);
  });

  it('none of whose ports is ours any more differs, and the list is named', () => {
    const ports = [{ name: 'http', port: 1, protocol: 'TCP', targetPort: 1 }];
    const live = liveService({ ...defaulted, ports }, [
      entry({ ...serviceFields, 'f:spec': omit(serviceFields['f:spec'], 'f:ports') }),
    ]);

    differs(live);
    expect(sharedLists(ownedPart(live, 'waymark'))).toEqual(['ports']);
  });

  it('of which somebody changed a field differs, because the field is not ours any more', () => {
    const kept = omit(serviceFields['f:spec'], 'f:type');
    const taken = entry({ 'f:spec': { 'f:type': {} } }, { manager: 'kubectl-edit', operation: 'Update' });

    differs(liveService({ ...defaulted, type: 'NodePort' }, [taken, entry({ ...serviceFields, 'f:spec': kept })]));
  });

  it('that still has a port which is not wanted any more differs', () => {
    const desired = { ...desiredService, spec: { ...desiredService.spec, ports: [desiredService.spec.ports[0]] } };

    differs(liveService(defaulted, [entry(serviceFields)]), desired);
  });

  it('whose ports stand in another order differs: the first one takes the traffic', () => {
    const ports = [...defaulted.ports].reverse();

    differs(liveService({ ...defaulted, ports }, [entry(serviceFields)]));
  });

  it('that lost its label or its owner differs', () => {
    const live = liveService(defaulted, [entry(serviceFields)]);

    differs({ ...live, metadata: { ...live.metadata, labels: {} } });
    differs({ ...live, metadata: { ...live.metadata, ownerReferences: [] } });
  });

  it('that nobody applied, as after a restored backup, is owned by nobody', () => {
    const restored = entry(serviceFields, { manager: 'velero', operation: 'Update' });

    expect(ownedPart(liveService(defaulted, [restored]), 'waymark')).toBeUndefined();
    expect(ownedPart(liveService(defaulted, []), 'waymark')).toBeUndefined();
  });

  it('is not ours by what we updated or wrote into its status', () => {
    const updated = entry(serviceFields, { operation: 'Update' });
    const status = entry({ 'f:status': {} }, { subresource: 'status' });

    expect(ownedPart(liveService(defaulted, [updated, status]), 'waymark')).toBeUndefined();
  });
});

describe('lists', () => {
  it('that are one value are compared whole, items of a custom resource above all', () => {
    const http = [{ name: 'a/b/catch-all', route: [{ destination: { host: 'x', port: { number: 80 } } }] }];
    const desired = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata,
      spec: { hosts: ['x.example'], gateways: ['istio-system/gw'], http },
    };
    const fields = { 'f:metadata': metadataFields, 'f:spec': { 'f:gateways': {}, 'f:hosts': {}, 'f:http': {} } };
    const live = { ...desired, metadata: { ...metadata, managedFields: [entry(fields)] } };

    isAsDesired(live, desired);
    differs({ ...live, spec: { ...desired.spec, http: [...http, ...http] } }, desired);
  });

  it('that are sets hold only our values', () => {
    const live = {
      metadata: {
        ...address,
        finalizers: ['theirs', 'ours'],
        managedFields: [entry({ 'f:metadata': { 'f:finalizers': { 'v:"ours"': {} } } })],
      },
    };

    expect(ownedPart(live, 'waymark')).toEqual({ metadata: { finalizers: ['ours'] } });
  });

  it('of webhooks are told apart by name, each with the one field that was applied', () => {
    const live = {
      metadata: {
        name: 'waymark',
        managedFields: [
          entry({
            'f:webhooks': {
              'k:{"name":"a.waymark.dev"}': { '.': {}, 'f:clientConfig': { 'f:caBundle': {} }, 'f:name': {} },
            },
          }),
        ],
      },
      webhooks: [
        { name: 'b.waymark.dev', clientConfig: { caBundle: 'B' } },
        { name: 'a.waymark.dev', clientConfig: { caBundle: 'A', service: { name: 's' } }, timeoutSeconds: 5 },
      ],
    };

    expect(ownedPart(live, 'waymark')).toEqual({
      webhooks: [{ name: 'a.waymark.dev', clientConfig: { caBundle: 'A' } }],
    });
  });
});

describe('an autoscaler', () => {
  const desired = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  };
  const fields = {
    'f:metadata': metadataFields,
    'f:spec': {
      'f:maxReplicas': {},
      'f:metrics': {},
      'f:minReplicas': {},
      'f:scaleTargetRef': { 'f:apiVersion': {}, 'f:kind': {}, 'f:name': {} },
    },
  };

  it('equals what was applied, whatever its status says', () => {
    const live = {
      ...desired,
      metadata: { ...metadata, managedFields: [entry(fields)] },
      status: { currentReplicas: 3 },
    };

    isAsDesired(live, desired);
  });

  it('differs when its bounds were scaled by hand', () => {
    const kept = omit(fields['f:spec'], 'f:maxReplicas');
    const live = {
      ...desired,
      spec: { ...desired.spec, maxReplicas: 3 },
      metadata: { ...metadata, managedFields: [entry({ ...fields, 'f:spec': kept })] },
    };

    differs(live, desired);
  });
});
