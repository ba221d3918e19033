import { ENVIRONMENTS } from '../settings.ts';
import { readExternal } from './external.ts';
import type { Field, Schema } from './field.ts';
import { readHosts, readMetrics, readPorts, readReplicas, readVersion } from './inference-service-readers.ts';
import { readDuration, readFilledText, readLabel, readOneOf, readText } from './readers.ts';
import { readShares } from './shares.ts';
import { readUpgrade } from './upgrade.ts';

const FIELDS = {
  type: {
    outcome: 'built',
    type: 'DNS label',
    default: 'required',
    required: true,
    doc: 'Type of the service, such as tfserving, triton-server or vllm; the platform may allow certain ones only',
    read: readLabel,
  },
  model: {
    outcome: 'built',
    type: 'DNS label',
    default: 'required',
    required: true,
    doc: 'Name of the model; becomes `KUBEFLOW_MODEL_NAME`',
    read: readLabel,
  },
  version: {
    outcome: 'built',
    type: 'text with a digit in it',
    default: 'required',
    required: true,
    doc: 'Version of the model, such as v2024.05.01; its digits end the name, all of it becomes `KUBEFLOW_MODEL_VERSION`',
    read: readVersion,
  },
  modelPath: {
    outcome: 'built',
    type: 'text',
    default: "''",
    doc: 'Where the model lies; becomes `KUBEFLOW_MODEL_PATH`',
    read: readText,
  },
  environment: {
    outcome: 'built',
    type: 'prod, test or debug',
    default: "the namespace's, the platform's, prod",
    doc: 'Becomes `KUBEFLOW_ENV`; in test and debug the name has `test-` or `debug-` in front, and every host `test.` or `debug.` unless it is written so',
    read: readOneOf(...ENVIRONMENTS),
  },
  area: {
    outcome: 'built',
    type: 'text',
    default: "the namespace's, the platform's",
    doc: 'Becomes `KUBEFLOW_AREA`, such as shanghai',
    read: readText,
  },
  container: {
    outcome: 'built',
    type: 'name of a container',
    default: 'the first container',
    doc: 'Whose image becomes `KUBEFLOW_MODEL_IMAGES`',
    read: readFilledText,
  },
  ports: {
    outcome: 'built',
    type: 'list of port numbers or names of container ports',
    default: 'all TCP ports of the containers, in order',
    doc: 'Ports of the Service; the first one takes the traffic of the hosts',
    read: readPorts,
  },
  hosts: {
    outcome: 'built',
    type: 'list of DNS names',
    default: '[]',
    doc: 'Hosts of your own, beside the built-in one',
    read: readHosts,
  },
  replicas: {
    outcome: 'built',
    type: '`{min, max}`, whole numbers from 1',
    default: 'none',
    doc: 'Bounds of the autoscaler, which there is exactly when `max` is greater than `min`',
    read: readReplicas,
  },
  metrics: {
    outcome: 'built',
    type: 'map or text, `cpu:50%,mem:2Gi`',
    default: 'cpu:80% when there is an autoscaler',
    doc: "What the autoscaler holds: cpu or mem, each as a percentage of what is requested or as an average quantity, or a metric of the platform's catalogue such as gpu",
    read: readMetrics,
  },
  timeout: {
    outcome: 'built',
    type: 'duration',
    default: "the platform's, 300s",
    doc: "Timeout of the host's catch-all route; 0s is none",
    read: readDuration,
  },
  split: {
    outcome: 'built',
    type: 'map or text, `service:20%`',
    default: 'none',
    doc: 'Percent of the traffic that goes to other services; the rest stays here',
    read: readShares,
  },
  mirror: {
    outcome: 'built',
    type: 'map or text, `service:20%`',
    default: 'none',
    doc: 'Percent of the traffic that is copied to other services, whose answers nobody gets',
    read: readShares,
  },
  upgrade: {
    outcome: 'built',
    type: '`{strategy, bake, drain}`',
    default: "the platform's, `{strategy: replace, bake: 30s, drain: 30s}`",
    doc: 'How this version follows the one before it',
    read: readUpgrade,
  },
  external: {
    outcome: 'built',
    type: '`{id, ips}` or false',
    default: 'as the platform does',
    doc: 'Access by address and port, beside the hosts',
    read: readExternal,
  },
} as const satisfies Record<string, Field>;

const cubeStudio = (fix: string) => ({ found: "is cube-studio's name", fix });
const template = (what: string) => cubeStudio(`write ${what} into the Pod template`);

export const INFERENCE_SERVICE: Schema<typeof FIELDS> = {
  title: 'InferenceService',
  header: ['apiVersion', 'kind'],
  fields: FIELDS,
  synonyms: {
    service_type: cubeStudio('write `type`'),
    model_name: cubeStudio('write `model`'),
    model_version: cubeStudio('write `version`'),
    model_path: cubeStudio('write `modelPath`'),
    host: cubeStudio('write `hosts`, a list'),
    hpa: cubeStudio('write `metrics`'),
    min_replicas: cubeStudio('write `replicas: {min: 1, max: 4}`'),
    max_replicas: cubeStudio('write `replicas: {min: 1, max: 4}`'),
    canary: cubeStudio('write `split`'),
    shadow: cubeStudio('write `mirror`'),
    images: template('`image` of the container'),
    image: { found: 'is none', fix: 'write `image` of the container into the Pod template' },
    command: template('`command` of the container'),
    args: template('`args` of the container'),
    working_dir: template('`workingDir` of the container'),
    env: template('`env` of the container'),
    volume_mount: template('`volumes` and `volumeMounts`'),
    node_selector: template('`nodeSelector`'),
    resource_cpu: template('`resources` of the container'),
    resource_memory: template('`resources` of the container'),
    resource_gpu: template('`resources` of the container'),
    health: template('`readinessProbe` of the container'),
    sidecar: template('`sidecar.istio.io/inject` as a label'),
    priority: template('`priorityClassName`'),
    inference_config: template('a ConfigMap and its volume'),
    cronhpa: cubeStudio('leave it out; scaling by the clock is not part of Waymark'),
    namespace: { found: 'is none', fix: 'write it into `metadata` of the Deployment' },
    name: {
      found: 'is none',
      fix: 'write it into `metadata` of the Deployment, as `<type>-<model>-<digits of version>`',
    },
    project: cubeStudio('leave it out; the namespace is the project'),
    project_id: cubeStudio('leave it out; the namespace is the project'),
    label: cubeStudio('write an annotation of your own on the Deployment'),
    prefix: { found: 'is a field of Mapping', fix: 'write a second document of kind Mapping, behind a `---` line' },
    rewrite: { found: 'is a field of Mapping', fix: 'write a second document of kind Mapping, behind a `---` line' },
  },
};
