import { Capability, PeprModule, a } from 'pepr';
import type { kind } from 'kubernetes-fluent-client';
import { parseAllDocuments } from 'yaml';
import config from './package.json' with { type: 'json' };

// What Waymark injects into a Deployment that is created, as a module of Pepr says it. Nothing is checked beyond what the
// variables need: no positions, no findings, no ownership of entries. That is less work than Waymark's, never more.

const CONFIG = 'waymark.dev/config';

interface Service {
  readonly kind: string;
  readonly model: string;
  readonly version: string;
  readonly modelPath?: string;
  readonly environment?: string;
  readonly area?: string;
}

type Variable = { readonly name: string; readonly value?: string; readonly valueFrom?: object };

function serviceOf(deployment: kind.Deployment): Service | undefined {
  const text = deployment.metadata?.annotations?.[CONFIG] ?? '';
  const documents = [...parseAllDocuments(text)];
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  return documents.map(document => document.toJS() as Service).find(({ kind }) => kind === 'InferenceService');
}

function variablesOf(deployment: kind.Deployment, service: Service): Variable[] {
  const image = deployment.spec?.template.spec?.containers[0]?.image ?? '';
  return [
    { name: 'KUBEFLOW_ENV', value: service.environment ?? 'prod' },
    { name: 'KUBEFLOW_MODEL_PATH', value: service.modelPath ?? '' },
    { name: 'KUBEFLOW_MODEL_VERSION', value: service.version },
    { name: 'KUBEFLOW_MODEL_IMAGES', value: image },
    { name: 'KUBEFLOW_MODEL_NAME', value: service.model },
    { name: 'KUBEFLOW_AREA', value: service.area ?? 'default' },
    downward('K8S_NODE_NAME', 'spec.nodeName'),
    downward('K8S_POD_NAMESPACE', 'metadata.namespace'),
    downward('K8S_POD_IP', 'status.podIP'),
    downward('K8S_HOST_IP', 'status.hostIP'),
    downward('K8S_POD_NAME', 'metadata.name'),
  ];
}

function downward(name: string, fieldPath: string): Variable {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

function containersOf(deployment: kind.Deployment) {
  const pod = deployment.spec?.template.spec;
  return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])];
}

/** In front of the user's own, and not where he has one of the name. */
function missingIn(env: readonly { name: string }[] | undefined, due: Variable[]) {
  const names = new Set(env?.map(({ name }) => name));
  return due.filter(({ name }) => !names.has(name));
}

const peer = new Capability({ name: 'peer', description: 'Injects variables', namespaces: [] });
const { When } = peer;

When(a.Deployment)
  .IsCreatedOrUpdated()
  .WithAnnotation(CONFIG)
  .Mutate(({ Raw: deployment }) => {
    const service = serviceOf(deployment);
    if (service === undefined) return;
    const due = variablesOf(deployment, service);
    for (const container of containersOf(deployment)) {
      container.env = [...missingIn(container.env, due), ...(container.env ?? [])];
    }
  });

When(a.Deployment)
  .IsCreatedOrUpdated()
  .WithAnnotation(CONFIG)
  .Validate(request => {
    const service = serviceOf(request.Raw);
    if (service?.model === undefined)
      return request.Deny('must be a list of documents, one of them an InferenceService');
    const due = variablesOf(request.Raw, service);
    const isComplete = containersOf(request.Raw).every(({ env }) => missingIn(env, due).length === 0);
    return isComplete ? request.Approve() : request.Deny('must have its variables');
  });

new PeprModule(config, [peer]);
