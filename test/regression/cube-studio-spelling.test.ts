/** What users of cube-studio write: it works, or it is refused with what to write instead. Nothing is dropped in silence. */
import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../shared/findings/finding.ts';
import { nameOf, severityOf } from '../../shared/findings/finding.ts';
import { parseSettings } from '../../shared/settings-file.ts';
import { context, readText, service } from '../support/readings.ts';

const { external } = context().settings;
const PLATFORM = context({ external: { ...external, ips: ['203.0.113.10'], allowedIPs: ['203.0.113.0/24'] } });

function findingsOf(...lines: readonly string[]): readonly Finding[] {
  return readText(service(...lines), PLATFORM).findings;
}

/** Columns of the table `inferenceservice`, with a value as its form has it. */
const COLUMNS: Readonly<Record<string, readonly [value: string, instead: string]>> = {
  id: ['21', '`external: {id: 21}`'],
  project_id: ['3', 'the namespace is the project'],
  name: ['tfserving-resnet50-20240501', '`metadata` of the Deployment'],
  label: ['resnet model', 'annotation of your own'],
  namespace: ['service', '`metadata` of the Deployment'],
  service_type: ['tfserving', '`type`'],
  model_name: ['resnet50', '`model`'],
  model_version: ['v2024.05.01.1', '`version`'],
  model_path: ['/mnt/resnet', '`modelPath`'],
  model_type: ['tf', '`env` of the container'],
  model_input: ['x', 'configuration of the server'],
  model_output: ['y', 'configuration of the server'],
  transformer: ['x', 'configuration of the server'],
  images: ['tfserving:2.14.1-gpu', '`image` of the container'],
  working_dir: ['/mnt', '`workingDir`'],
  command: ['bash run.sh', '`command` of the container'],
  args: ['--x', '`args` of the container'],
  env: ['A=1', '`env` of the container'],
  volume_mount: ['kubeflow-user-workspace(pvc):/mnt,4G(memory):/dev/shm', '`volumes` and `volumeMounts`'],
  node_selector: ['cpu=true;serving=true', '`nodeSelector`'],
  min_replicas: ['1', '`replicas: {min: 1, max: 4}`'],
  max_replicas: ['4', '`replicas: {min: 1, max: 4}`'],
  hpa: ['cpu:50%,gpu:50%', '`metrics`'],
  cronhpa: ['9~21:1', 'by the clock'],
  metrics: ['8501:/metrics', 'annotations of Prometheus'],
  health: ['8501:/v1/models/resnet50/metadata', '`readinessProbe`'],
  sidecar: ['istio', '`sidecar.istio.io/inject`'],
  resource_memory: ['5G', '`resources` of the container'],
  resource_cpu: ['5', '`resources` of the container'],
  resource_gpu: ['1（V100）', '`resources` of the container'],
  host: ['resnet.example.com', '`hosts`'],
  canary: ['tfserving-resnet50-20240401:20%', '`split`'],
  shadow: ['tfserving-resnet50-20240401:20%', '`mirror`'],
  priority: ['1', '`priorityClassName`'],
  inference_config: ['x', 'ConfigMap'],
  expand: ['"{}"', 'annotations of the Namespace'],
  model_status: ['online', '`environment`'],
  deploy_history: ['x', 'revisions of a Deployment'],
  deploy_time: ['x', 'leave it out'],
  run_id: ['x', 'leave it out'],
  run_time: ['x', 'leave it out'],
};

describe('a column of the table', () => {
  it.each(Object.entries(COLUMNS))('`%s` is refused, and told what to write', (name, [value, instead]) => {
    const [first, ...others] = findingsOf(`${name}: ${value}`);

    expect(others).toEqual([]);
    expect(first && severityOf(first)).toBe('error');
    expect(first?.found).toMatch(/cube-studio's|but is none/);
    expect(first?.fix).toContain(instead);
  });
});

const WORKS: Readonly<Record<string, readonly [line: string, warnings: readonly string[]]>> = {
  'metrics as in the wiki': ['metrics: cpu:50%,mem:%50', ['PercentSpelling']],
  'metrics with other signs between': ['metrics: cpu=50%;mem=50', []],
  'a share of GPUs': ['metrics: gpu:50%', ['MetricWithoutGpu']],
  'ports as a text': ['ports: 8501,8500', []],
  'ports that the container does not declare': ['ports: 8080,8081', ['PortUndeclared', 'PortUndeclared']],
  'a split as a text': ['split: tfserving-a-1:20%,tfserving-b-1:30%', []],
  'a split without percent signs': ['split: tfserving-a-1:20;tfserving-b-1=30', []],
  'a mirror with a dash in the name': ['mirror: tfserving-a-1:5%', []],
  'an area': ['area: shanghai', []],
  'an environment': ['environment: prod', []],
  'a host with capitals': ['hosts: ResNet.example.com', ['HostFolded']],
};

describe('what works as it did', () => {
  it.each(Object.entries(WORKS))('%s', (_, [line, warnings]) => {
    const more = line.startsWith('metrics') ? ['replicas: {min: 1, max: 4}'] : [];
    const { findings, intent } = readText(service(line, ...more), PLATFORM);

    expect(findings.map(nameOf)).toEqual(warnings);
    expect(findings.map(severityOf)).not.toContain('error');
    expect(intent).toBeDefined();
  });

  it('a version with a number of the day: its digits end the name', () => {
    const { naming } = readText(service().replace('v2024.05.01', 'v2024.05.01.1'));

    expect(naming[0]?.must).toBe("must be 'tfserving-resnet50-202405011'");
  });
});

const REFUSED: Readonly<Record<string, readonly [line: string, finding: string, fix: string]>> = {
  'a host with scheme, port and path': [
    'hosts: https://resnet.example.com:8080/v1/models',
    'HostInvalid',
    "write 'resnet.example.com'",
  ],
  'a host with a port': ['hosts: resnet.example.com:8501', 'HostInvalid', "write 'resnet.example.com'"],
  'a path for a host': ['hosts: /v1/models/x/metadata', 'HostInvalid', "such as 'resnet.example.com'"],
  "torch-server's own default": ["hosts: ':8081/models'", 'HostInvalid', "such as 'resnet.example.com'"],
  'an address for a host': ['hosts: 10.1.2.3', 'HostInvalid', "such as 'resnet.example.com'"],
  'a wide comma between ports': ['ports: 8501，8500', 'ValueWrong', "write '8501,8500'"],
  'a wide colon in metrics': ['metrics: cpu：50%，mem：50%', 'ValueWrong', "write 'cpu:50%,mem:50%'"],
  'a wide comma in a split': ['split: a-1:20%，b-1:30%', 'ValueWrong', "write 'a-1:20%,b-1:30%'"],
  'a port mapped to another': ["ports: '80:8080'", 'PortUnknown', 'write `8501`'],
  'an empty tail': ['split: a-1:20%,', 'ItemEmpty', 'delete the separator'],
  'a broken percentage': ['split: a-1:20.5%', 'ValueWrong', 'write `a-1:20%`'],
  'more than all': ['split: a-1:60%,b-1:60%', 'PercentSum', 'take 20% off'],
  'a negative share': ['split: a-1:-5', 'ValueWrong', 'write `a-1:20%`'],
  'a target without a share': ['split: a-1', 'ValueWrong', 'write `a-1:`'],
  'a target by its DNS name': ['split: a-1.service.svc.cluster.local:20%', 'ValueWrong', 'write `service/a-1`'],
  'a metric that the help text promised': ['metrics: qps:100', 'MetricUnknown', '(`metricCatalog`)'],
  'a percentage without a number': ['metrics: cpu:%', 'ValueWrong', 'write `cpu:80%`'],
  'no Pods at the least': ['replicas: {min: 0, max: 3}', 'ValueWrong', 'from 1'],
  'bounds the wrong way round': ['replicas: {min: 4, max: 2}', 'ReplicasBounds', 'write `replicas: {min: 2, max: 4}`'],
  'a private and a public address': ["external: {ips: ['203.0.113.10|198.51.100.7']}", 'ValueWrong', "'203.0.113.10'"],
  'an address with a port': ["external: {ips: ['203.0.113.10:20210']}", 'ValueWrong', "'203.0.113.10'"],
  'a timeout in bare seconds': ['timeout: 3000', 'TypeWrong', 'write `3000s`'],
};

describe('what is refused with its new spelling', () => {
  it.each(Object.entries(REFUSED))('%s', (_, [line, name, fix]) => {
    const more = line.startsWith('metrics') ? ['replicas: {min: 1, max: 4}'] : [];
    const found = findingsOf(line, ...more).filter(one => severityOf(one) === 'error');

    expect(found.map(nameOf)).toEqual([name]);
    expect(found[0]?.fix).toContain(fix);
  });
});

describe('a key of the configuration', () => {
  it.each([
    ['SERVICE_DOMAIN: service.example.com', '`domain`'],
    ['SERVICE_EXTERNAL_IP: [203.0.113.10]', '`external: {ips: [203.0.113.10]}`'],
    ["INFERENCE_PORT: '20000+10*ID'", '`external: {basePort: 20000}`'],
    ['K8S_NETWORK_MODE: ipvs', '`external: {strategy: nodePort}`'],
    ['TKE_EXISTED_LBID: lb-1', '`external: {strategy: loadBalancer}`'],
    ['BLACK_PORT: [10250]', 'leave it out'],
    ['SERVICE_NAMESPACE: service', 'leave it out'],
    ['CLUSTERS: {}', 'into each cluster'],
    ['GPU_RESOURCE: {}', 'leave it out'],
    ['INFERNENCE_IMAGES: {}', 'leave it out'],
    ['HUBSECRET: []', '`imagePullSecrets`'],
  ])('%s', (line, instead) => {
    const { findings } = parseSettings(line);

    expect(findings.map(one => [nameOf(one), one.found])).toEqual([['FieldUnknown', "but is cube-studio's name"]]);
    expect(findings[0]?.fix).toContain(instead);
  });
});
