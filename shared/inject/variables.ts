import type { Deployment, EnvVar } from '../deployment.ts';
import type { Intent } from '../intent.ts';

/** The variables that Waymark writes, in the order in which it writes them. Names are never taken out of this list. */
export const VARIABLE_NAMES = [
  'KUBEFLOW_ENV',
  'KUBEFLOW_MODEL_PATH',
  'KUBEFLOW_MODEL_VERSION',
  'KUBEFLOW_MODEL_IMAGES',
  'KUBEFLOW_MODEL_NAME',
  'KUBEFLOW_AREA',
  'K8S_NODE_NAME',
  'K8S_POD_NAMESPACE',
  'K8S_POD_IP',
  'K8S_HOST_IP',
  'K8S_POD_NAME',
] as const;

export type VariableName = (typeof VARIABLE_NAMES)[number];

export function isVariableName(name: string): name is VariableName {
  return NAMES.has(name);
}

const NAMES: ReadonlySet<string> = new Set(VARIABLE_NAMES);

/** Written out as the API server stores them, so that a stored entry equals a computed one. */
const DOWNWARD: readonly EnvVar[] = [
  downward('K8S_NODE_NAME', 'spec.nodeName'),
  downward('K8S_POD_NAMESPACE', 'metadata.namespace'),
  downward('K8S_POD_IP', 'status.podIP'),
  downward('K8S_HOST_IP', 'status.hostIP'),
  downward('K8S_POD_NAME', 'metadata.name'),
];

function downward(name: VariableName, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

/** What every container of this Deployment is due, in order; the same for all of them. */
export function dueVariables(intent: Intent, deployment: Deployment): readonly EnvVar[] {
  const { environment, area, service } = intent;
  const own: [VariableName, string][] = service
    ? [
        ['KUBEFLOW_ENV', environment],
        ['KUBEFLOW_MODEL_PATH', service.modelPath],
        ['KUBEFLOW_MODEL_VERSION', service.version],
        ['KUBEFLOW_MODEL_IMAGES', imageOf(deployment, service.container)],
        ['KUBEFLOW_MODEL_NAME', service.model],
        ['KUBEFLOW_AREA', area],
      ]
    : [
        ['KUBEFLOW_ENV', environment],
        ['KUBEFLOW_AREA', area],
      ];
  return [...own.map(([name, value]) => ({ name, value: literal(value) })), ...DOWNWARD];
}

function imageOf(deployment: Deployment, container: string): string {
  return deployment.spec.template.spec.containers.find(({ name }) => name === container)?.image ?? '';
}

/**
 * The text that the kubelet's expansion turns back into `value`: it reads `$$` as `$` and `$(NAME)` as a reference. It
 * also takes the byte after any other `$` for a character of its own, which spoils what is not ASCII; so that is
 * escaped as well. (k8s.io/kubernetes third_party/forked/golang/expansion)
 */
export function literal(value: string): string {
  return value.includes('$') ? value.replace(/\$(?=[$(\u0080-\uffff])/g, '$$$$') : value;
}
