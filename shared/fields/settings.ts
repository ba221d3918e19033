import { ENVIRONMENTS, NAMESPACE_SETTINGS, POLICIES } from '../settings.ts';
import type { CatalogueMetric, Settings } from '../settings.ts';
import { printDuration } from '../values/duration.ts';
import type { Field, Read, Schema } from './field.ts';
import { INITIAL_EXTERNAL, readExternalSettings } from './external-settings.ts';
import { readMetricCatalog } from './metric-catalog.ts';
import { readDuration, readLabel, readOneOf, readText } from './readers.ts';
import {
  readClusterDomain,
  readDomain,
  readGateway,
  readHostOrNone,
  readHostTemplate,
  readIstio,
  readLabels,
  readModelPrefix,
  readNamespaceSettings,
  readSuffixes,
} from './settings-readers.ts';
import { INITIAL_UPGRADE, readUpgradeSettings } from './upgrade.ts';

/** A setting is a field with a value to begin with. */
export interface Setting<T> extends Field<T> {
  readonly initial: T;
  readonly read: Read<T>;
}

type SettingTable = { readonly [K in keyof Settings]: Setting<Settings[K]> };

/** `written` is the default as the file has it, where that differs from the value. */
function setting<T>(initial: T, type: string, doc: string, read: Read<T>, written: unknown = initial): Setting<T> {
  return { outcome: 'built', initial, default: shown(written), type, doc, read };
}

/** As one would write it in YAML. */
function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

const GPU: CatalogueMetric = { type: 'Pods', metric: 'DCGM_FI_DEV_GPU_UTIL', target: 'AverageValue' };

const SETTING_FIELDS: SettingTable = {
  domain: setting('', 'DNS name', 'Domain of built-in hosts; without it there are none', readDomain),
  hostTemplate: setting(
    '{prefix}{service}.{namespace}.{domain}',
    'text',
    'Form of a built-in host; {prefix} is `test.`, `debug.` or nothing, {service} the name without such a prefix',
    readHostTemplate,
  ),
  gateway: setting('istio-system/ingressgateway', 'namespace/name', 'The Istio Gateway of all routes', readGateway),
  ingressHost: setting('', 'DNS name', 'Host that all share, for Mappings that have no other', readHostOrNone),
  modelPrefix: setting(
    '/models/{model}/',
    'path',
    'Path of every prod InferenceService on `ingressHost`; empty is none',
    readModelPrefix,
  ),
  environment: setting('prod', 'prod, test or debug', 'Environment of what names none', readOneOf(...ENVIRONMENTS)),
  area: setting('', 'text', '`KUBEFLOW_AREA` of what names none', readText),
  types: setting([], 'list of DNS labels', 'Service types that may be used; empty is any', readLabels),
  policy: setting('enforce', POLICIES.join(', '), 'What becomes of a text with an error', readOneOf(...POLICIES)),
  external: setting(INITIAL_EXTERNAL, 'map', 'Access by address and port', readExternalSettings, {
    ...INITIAL_EXTERNAL,
    nodePortRange: '30000-32767',
  }),
  metricCatalog: setting<Settings['metricCatalog']>(
    new Map([['gpu', GPU]]),
    'map',
    'Metrics by name, beside cpu and mem',
    readMetricCatalog,
    { gpu: GPU },
  ),
  timeout: {
    ...setting(300_000, 'duration', "Timeout of a host's catch-all route; 0s is none", readDuration),
    default: printDuration(300_000),
  },
  upgrade: setting(INITIAL_UPGRADE, 'map', 'How a version follows another', readUpgradeSettings, {
    strategy: 'replace',
    bake: '30s',
    drain: '30s',
  }),
  reservedHosts: setting([], 'list of DNS names', 'Names that nobody may claim a host under', readSuffixes),
  externalServices: setting(
    [],
    'list of DNS names',
    'Hosts outside the cluster that the `service` of a Mapping may name; each stands for all names under it as well',
    readSuffixes,
  ),
  systemNamespace: setting('waymark-system', 'DNS label', 'Where Waymark itself runs; set by the chart', readLabel),
  namespaceSettings: setting(
    [...NAMESPACE_SETTINGS],
    'list',
    'What a namespace may set for itself by annotations and the policy label',
    readNamespaceSettings,
  ),
  hostHold: setting(
    0,
    'duration',
    "How long a host stays its namespace's after its last Deployment has gone",
    readDuration,
    '0s',
  ),
  istio: setting({ version: '1.26' }, 'map', 'The oldest Istio that must understand what is written', readIstio),
  clusterDomain: setting('cluster.local', 'DNS name', "The cluster's own domain", readClusterDomain),
};

const cubeStudio = (fix: string) => ({ found: "is cube-studio's name", fix });

export const SETTINGS: Schema<SettingTable> = {
  title: 'the settings',
  header: [],
  fields: SETTING_FIELDS,
  synonyms: {
    SERVICE_DOMAIN: cubeStudio('write `domain`, without the namespace'),
    SERVICE_EXTERNAL_IP: cubeStudio('write `external: {ips: [203.0.113.10]}`'),
    INFERENCE_PORT: cubeStudio('write `external: {basePort: 20000}`; port i of id n is this + 10 n + i'),
    K8S_NETWORK_MODE: cubeStudio('write `external: {strategy: nodePort}` where it was ipvs'),
    TKE_EXISTED_LBID: cubeStudio('write `external: {strategy: loadBalancer}`'),
    BLACK_PORT: cubeStudio('leave it out; numbers are given by Waymark, and each has its own ports'),
    SERVICE_NAMESPACE: cubeStudio('leave it out; a Deployment says its namespace'),
    CLUSTERS: cubeStudio('install Waymark into each cluster, with settings of its own'),
    GPU_RESOURCE: cubeStudio('leave it out; the Pod template asks for GPUs'),
    INFERNENCE_IMAGES: cubeStudio('leave it out; the Pod template has the image'),
    HUBSECRET: cubeStudio('leave it out; the Pod template has `imagePullSecrets`'),
  },
};
