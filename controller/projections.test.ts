import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '../kube/types.ts';
import { projectChild, projectDeployment, projectNamespace } from './projections.ts';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '5',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { team: 'x' },
    annotations: {
      'waymark.dev/config': 'text',
      'waymark.dev/injected': '{}',
      'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(10_000),
    },
    managedFields: [{}],
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'Recreate' },
    template: {
      metadata: { annotations: { a: 'b' } },
      spec: {
        serviceAccountName: 'x',
        initContainers: null,
        containers: [
          {
            name: 'web',
            image: 'web:1',
            env: [{ name: 'PASSWORD', value: 'secret' }],
            command: ['x'],
            ports: [{ name: 'http', containerPort: 80, protocol: 'TCP', hostPort: 1 }],
            resources: { requests: { cpu: '1' } },
          },
        ],
      },
    },
  },
  status: { observedGeneration: 3, readyReplicas: 1, conditions: [{}] },
} as unknown as KubeObject;

describe('what is kept of a Deployment (C15, S-22)', () => {
  it('is what the core reads, without environment and without what others wrote on it', () => {
    expect(projectDeployment(deployment)).toEqual({
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'u',
        generation: 3,
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations: { 'waymark.dev/config': 'text', 'waymark.dev/injected': '{}' },
      },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          spec: {
            containers: [
              {
                name: 'web',
                image: 'web:1',
                ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
                resources: { requests: { cpu: '1' } },
              },
            ],
          },
        },
      },
      status: { observedGeneration: 3, readyReplicas: 1 },
    });
  });

  it('is there as long as our record is, so that policy off can leave alone what lost its text', () => {
    const annotations = { 'waymark.dev/injected': '{}', other: 'x' };
    const projected = projectDeployment({ ...deployment, metadata: { ...deployment.metadata, annotations } });

    expect(projected?.metadata.annotations).toEqual({ 'waymark.dev/injected': '{}' });
  });

  it('is nothing where no annotation is ours', () => {
    const { metadata } = deployment;
    const annotations = { 'waymark.dev/paused': 'true' };

    expect(projectDeployment({ ...deployment, metadata: { ...metadata, annotations } })).toBeUndefined();
    expect(projectDeployment({ ...deployment, metadata: { name: 'x' } })).toBeUndefined();
  });
});

it('of a Namespace only our settings are kept', () => {
  const labels = { 'waymark.dev/policy': 'warn', team: 'x' };
  const annotations = { 'waymark.dev/domain': 'x.example', other: 'y' };

  expect(projectNamespace({ metadata: { name: 'shop', labels, annotations } })).toEqual({
    metadata: {
      name: 'shop',
      labels: { 'waymark.dev/policy': 'warn' },
      annotations: { 'waymark.dev/domain': 'x.example' },
    },
  });
});

describe('what is kept of a kind that we build', () => {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1' };

  it('is the identity of a foreign object', () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { a: 'b' } },
      spec: { x: 1 },
    };

    expect(projectChild(foreign)).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', uid: 'u' },
      target: { ports: [], selects: false },
    });
  });

  it('is the identity of an object without our label, and the Deployment that it belongs to', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd-1', controller: true };
    const other = { apiVersion: 'batch/v1', kind: 'Job', name: 'web', uid: 'j-1' };
    const metadata = { name: 'web', namespace: 'shop', uid: 's-1', ownerReferences: [other, owner] };

    expect(projectChild({ apiVersion: 'v1', kind: 'Service', metadata, spec: {} }).metadata).toEqual({
      name: 'web',
      namespace: 'shop',
      uid: 's-1',
      ownerReferences: [owner],
    });
  });

  it('is what we own of ours, and all of a VirtualService, whose routes may be carried over', () => {
    const labels = { 'app.kubernetes.io/managed-by': 'waymark' };
    const entry = { manager: 'waymark', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:hosts': {} } } };
    const spec = { hosts: ['x'], tcp: [] };
    const ours = { apiVersion: 'v', metadata: { ...metadata, labels, managedFields: [entry] }, spec };

    expect(projectChild({ ...ours, kind: 'Service' })).toMatchObject({ owned: { spec: { hosts: ['x'] } } });
    expect(projectChild({ ...ours, kind: 'Service' })).not.toHaveProperty('spec');
    expect(projectChild({ ...ours, kind: 'VirtualService' })).toMatchObject({ spec });
  });
});
