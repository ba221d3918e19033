import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ValidatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration';
import { MutatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/MutatingWebhookConfiguration';
import { CustomResourceDefinition } from 'kubernetes-models/apiextensions.k8s.io/v1/CustomResourceDefinition';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parseAllDocuments, stringify } from 'yaml';
import { parseSettings } from '../../shared/settings-file.ts';
import { ensureAssets } from '../cluster/assets.ts';
import { run } from '../cluster/command.ts';

const CHART = join(import.meta.dirname, '..', '..', 'charts', 'waymark');
const GOLDEN = join(import.meta.dirname, '..', 'chart', 'golden');
const NAMESPACE = 'platform';

interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

let helm = '';
beforeAll(async () => {
  helm = (await ensureAssets({ build: false })).helm;
});

/** What helm prints, and the objects in it; `values` are `--set` texts. */
async function render(values: readonly string[] = []): Promise<{ code: number; stderr: string; text: string }> {
  const sets = values.flatMap(value => ['--set', value]);
  const { code, stdout, stderr } = await run(helm, ['template', 'waymark', CHART, '--namespace', NAMESPACE, ...sets]);
  return { code, stderr, text: stdout };
}

function objectsIn(text: string): readonly Rendered[] {
  return parseAllDocuments(text)
    .map(document => document.toJS() as Rendered | null)
    .filter(object => object !== null);
}

async function objects(...values: readonly string[]): Promise<readonly Rendered[]> {
  const { code, stderr, text } = await render(values);
  if (code !== 0) throw new Error(stderr);
  return objectsIn(text);
}

/** An object's field by its path, of whatever shape it is. */
function field(object: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], object);
}

function one(all: readonly Rendered[], kind: string, name: string): Rendered {
  const found = all.find(object => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

const MATRIX: Record<string, readonly string[]> = {
  'one-value': ['settings.domain=service.example.com'],
  'one-replica-each': ['webhook.replicas=1', 'controller.replicas=1'],
  'failure-policy-ignore': ['webhook.failurePolicy=Ignore', 'webhook.timeoutSeconds=2'],
  'network-policy': ['networkPolicy.enabled=true', 'networkPolicy.metricsFrom.name=monitoring'],
  'placed-and-pulled': [
    `image.repository=registry.example.com/waymark`,
    `image.digest=sha256:${'0'.repeat(64)}`,
    'imagePullSecrets={registry}',
    'controller.nodeSelector.pool=system',
    'controller.tolerations[0].key=system',
    'controller.tolerations[0].operator=Exists',
    'controller.priorityClassName=system-cluster-critical',
    'webhook.podLabels.team=platform',
    'webhook.podAnnotations.note=x',
  ],
};

describe('the rendered chart', () => {
  it('is what the golden file holds by default', async () => {
    const { text } = await render();

    expect(text).toBe(golden('default', text));
  });

  it.each(Object.entries(MATRIX))('with %s differs from the default as the golden file says', async (name, values) => {
    const before = new Set((await objects()).map(object => JSON.stringify(object)));
    const changed = (await objects(...values)).filter(object => !before.has(JSON.stringify(object)));
    const text = changed.map(object => stringify(object)).join('---\n');

    expect(text).toBe(golden(name, text));
  });

  it.each([['default', []], ...Object.entries(MATRIX)] as const)(
    'with %s holds only objects that Kubernetes knows',
    async (_, values) => {
      for (const object of await objects(...values)) expect(() => validate(object)).not.toThrow();
    },
  );
});

describe('what the chart lets its programs do', () => {
  /** Widening one of these is a decision of its own. */
  const FROZEN: Record<string, readonly string[]> = {
    'ClusterRole waymark-webhook': [
      '"" namespaces: get list watch',
      'autoscaling horizontalpodautoscalers: list watch',
      '"" nodes: list watch',
      'networking.k8s.io servicecidrs: list watch',
      // Another namespace's host is refused at once, and not only when its routes are to be written.
      'waymark.dev hosts: list watch',
    ],
    'Role waymark-webhook': [
      '"" secrets [waymark-webhook-tls]: get list watch',
      '"" configmaps [waymark-external-ids]: list watch',
    ],
    'ClusterRole waymark-controller': [
      '"" namespaces: get list watch',
      // Versions that have been succeeded are scaled to zero: a write of our own, on the object itself since the size
      // that it had is kept there.
      'apps deployments: get list watch patch',
      'apps deployments/finalizers: update',
      '"" services: get list watch create patch delete',
      'autoscaling horizontalpodautoscalers: get list watch create patch delete',
      'keda.sh scaledobjects: list watch',
      '"" nodes: list watch',
      'networking.k8s.io servicecidrs: list watch',
      // Readiness of what takes traffic. Read only: nobody but Kubernetes says who is an endpoint.
      'discovery.k8s.io endpointslices: list watch',
      // To claim is to create, to give up is to delete.
      'waymark.dev hosts: get list watch create patch delete',
      'waymark.dev hosts/status: patch',
      'apiextensions.k8s.io customresourcedefinitions [hosts.waymark.dev,virtualservices.networking.istio.io,serviceentries.networking.istio.io,destinationrules.networking.istio.io,scaledobjects.keda.sh]: list watch',
      'networking.istio.io virtualservices,serviceentries,destinationrules: get list watch create patch delete',
      '"" events: get create patch',
      'admissionregistration.k8s.io mutatingwebhookconfigurations,validatingwebhookconfigurations [waymark]: get list watch patch',
    ],
    'Role waymark-controller': [
      '"" secrets [waymark-webhook-tls]: get list watch patch',
      '"" configmaps [waymark-external-ids]: get list watch patch',
      '"" secrets,configmaps: create',
      'coordination.k8s.io leases [waymark-controller]: get update',
      'coordination.k8s.io leases: create',
    ],
  };

  interface Rule {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }

  const ruleText = ({ apiGroups, resources, resourceNames, verbs }: Rule) =>
    `${apiGroups.map(group => group || '""').join(',')} ${resources.join(',')}${resourceNames ? ` [${resourceNames.join(',')}]` : ''}: ${verbs.join(' ')}`;

  it('S-07, S-08, W34, C16: is the frozen list, in which the webhook writes nothing', async () => {
    const roles = (await objects()).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');

    const got = roles.map(role => [`${role.kind} ${role.metadata.name}`, (role['rules'] as Rule[]).map(ruleText)]);

    expect(Object.fromEntries(got)).toEqual(FROZEN);
  });

  it('S-08: has no wildcard, and no right over Pods or over rights', async () => {
    const roles = (await objects()).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    const rules = roles.flatMap(role => role['rules'] as Rule[]);
    const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);

    expect(words).not.toContain('*');
    expect(words.filter(word => /^pods|bind|escalate|impersonate|deletecollection/.test(word))).toEqual([]);
  });

  it('binds every role to the one account of its program, in the release’s namespace', async () => {
    const bindings = (await objects()).filter(({ kind }) => kind.endsWith('RoleBinding'));

    expect(bindings).toHaveLength(4);
    for (const binding of bindings) {
      const { name } = binding.metadata;
      expect(field(binding, 'roleRef', 'name')).toBe(name);
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name, namespace: NAMESPACE }]);
    }
  });
});

describe('the definition of the kind Host', () => {
  const isDefinition = ({ kind }: Rendered) => kind === 'CustomResourceDefinition';

  it('stays when the chart is removed, and the Hosts with it, unless the platform says otherwise', async () => {
    const annotationsOf = async (...values: readonly string[]) =>
      field((await objects(...values)).find(isDefinition), 'metadata', 'annotations');

    expect(await annotationsOf()).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(await annotationsOf('crds.keep=false')).toBeUndefined();
  });

  it('is left out where somebody else installs it', async () => {
    expect((await objects('crds.install=false')).filter(isDefinition)).toEqual([]);
    expect((await objects()).filter(isDefinition)).toHaveLength(1);
  });
});

describe('the webhook configurations', () => {
  const KINDS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

  it.each(KINDS)(
    '%s concerns Deployments that are created or updated, and nothing else (W1, W6, W7, W9)',
    async kind => {
      const hook = field(one(await objects(), kind, 'waymark'), 'webhooks', 0);

      expect(hook).toMatchObject({
        rules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
        matchPolicy: 'Equivalent',
        timeoutSeconds: 5,
        sideEffects: 'None',
        failurePolicy: 'Fail',
      });
    },
  );

  it.each(KINDS)('%s leaves out the namespaces that must start without it (W2, W39, R-07)', async kind => {
    const hook = field(one(await objects(), kind, 'waymark'), 'webhooks', 0);

    expect(field(hook, 'namespaceSelector', 'matchExpressions', 0)).toEqual({
      key: 'kubernetes.io/metadata.name',
      operator: 'NotIn',
      values: [NAMESPACE, 'kube-system', 'kube-node-lease', 'kube-public'],
    });
  });

  it.each(KINDS)(
    '%s is not asked about what the controller writes, so that retirement never waits for it',
    async kind => {
      const hook = field(one(await objects(), kind, 'waymark'), 'webhooks', 0);

      const conditions = field(hook, 'matchConditions') as readonly { readonly expression: string }[];
      expect(conditions.map(({ expression }) => expression)).toContain(
        `request.userInfo.username != 'system:serviceaccount:${NAMESPACE}:waymark-controller'`,
      );
    },
  );

  it.each(KINDS)('%s has no caBundle, so that an upgrade does not take it away (W28)', async kind => {
    expect(field(one(await objects(), kind, 'waymark'), 'webhooks', 0, 'clientConfig')).not.toHaveProperty('caBundle');
  });

  it('asks the mutating hook again after other mutators (W11)', async () => {
    const configuration = one(await objects(), 'MutatingWebhookConfiguration', 'waymark');

    expect(field(configuration, 'webhooks', 0, 'reinvocationPolicy')).toBe('IfNeeded');
  });

  it('are named in the release’s own namespace, wherever that is', async () => {
    const { text } = await render();

    expect(text).not.toContain('waymark-system');
  });
});

describe('the programs’ Pods', () => {
  it.each(['waymark-webhook', 'waymark-controller'])('%s run without any privilege (S-21)', async name => {
    const pod = field(one(await objects(), 'Deployment', name), 'spec', 'template', 'spec');

    expect(field(pod, 'securityContext')).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(field(pod, 'containers', 0, 'securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('never leave the webhook without one that answers (W23, W30)', async () => {
    const all = await objects();
    const deployment = one(all, 'Deployment', 'waymark-webhook');

    expect(field(deployment, 'spec', 'replicas')).toBe(2);
    expect(field(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable')).toBe(0);
    expect(field(one(all, 'PodDisruptionBudget', 'waymark-webhook'), 'spec', 'minAvailable')).toBe(1);
    expect(field(deployment, 'spec', 'template', 'spec', 'containers', 0)).toMatchObject({
      livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } },
    });
  });

  it('are replaced when a setting changes', async () => {
    const path = ['spec', 'template', 'metadata', 'annotations', 'checksum/settings'];
    const before = field(one(await objects(), 'Deployment', 'waymark-controller'), ...path);

    const after = field(one(await objects('settings.area=x'), 'Deployment', 'waymark-controller'), ...path);

    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(after).not.toBe(before);
  });

  it('are given settings that they accept, with the release’s namespace', async () => {
    const all = await objects('settings.domain=a.example.com', 'settings.systemNamespace=elsewhere');
    const file = field(one(all, 'ConfigMap', 'waymark-settings'), 'data', 'settings.yaml') as string;

    const parsed = parseSettings(file, 'settings.yaml');

    expect(parsed).toMatchObject({ settings: { domain: 'a.example.com', systemNamespace: NAMESPACE } });
  });
});

describe('values that are wrong', () => {
  it.each([
    ['an unknown key', 'foo=1', "'foo' not allowed"],
    ['an unknown setting', 'settings.doman=x', "'doman' not allowed"],
    ['an unknown key deep inside', 'settings.external.ip=x', "'ip' not allowed"],
    ['a word that is none of those allowed', 'webhook.failurePolicy=fail', 'webhook/failurePolicy'],
    ['a timeout beyond five seconds', 'webhook.timeoutSeconds=9', 'webhook/timeoutSeconds'],
    ['a number where a text must be', 'settings.hostHold=0', 'settings/hostHold'],
    ['a host with a path', 'settings.domain=a.example.com/x', 'settings/domain'],
  ])('are refused by helm: %s', async (_, value, message) => {
    const { code, stderr } = await render([value]);

    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

/** `UPDATE_GOLDEN=1` writes what was rendered. */
function golden(name: string, rendered: string): string {
  const path = join(GOLDEN, `${name}.yaml`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, rendered);
  return readFileSync(path, 'utf8');
}

const MODELS = {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  CustomResourceDefinition,
  Deployment,
  MutatingWebhookConfiguration,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
  ValidatingWebhookConfiguration,
} as const;

function validate(object: Rendered): void {
  const Model = MODELS[object.kind as keyof typeof MODELS] as new (data: never) => { validate(): void };
  new Model(object as never).validate();
}
