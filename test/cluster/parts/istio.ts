import { readFileSync, writeFileSync } from 'node:fs';
import { prefer } from '../priority.ts';
import { until } from '../wait.ts';
import type { Api } from './api.ts';
import { httpStatus } from './http-status.ts';
import type { Program } from './program.ts';
import { PORTS } from './site.ts';
import type { Site } from './site.ts';

export const ISTIO_NAMESPACE = 'istio-system';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Creates Istio's CustomResourceDefinitions, those that are missing, and waits until they are served. */
export async function createDefinitions(site: Site, api: Api): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const definitions = JSON.parse(readFileSync(site.assets.istioDefinitions, 'utf8')) as Definition[];
  await Promise.all(definitions.map(definition => api.expect([201, 409], 'POST', path, definition)));
  const wanted = new Set(definitions.map(definition => definition.metadata.name));
  await until("Istio's resources to be served", async () => {
    const { body } = await api.expect([200], 'GET', path);
    const established = (body as { items: Definition[] }).items.filter(
      ({ metadata, status }) =>
        wanted.has(metadata.name) &&
        status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
    );
    return established.length === wanted.size;
  });
}

/** Starts discovery and the validating webhook, and waits until their caches are full. */
export async function startIstio(site: Site): Promise<Program> {
  const program = site.programs.start(
    'istio',
    [
      site.assets.istio,
      `--kubeconfig=${site.files.istioKubeconfig}`,
      `--discovery=${site.address}:${PORTS.istioDiscovery}`,
      `--debug=${site.address}:${PORTS.istioDebug}`,
      `--validation=${site.address}:${PORTS.istioValidation}`,
      `--tls-cert=${site.files.istioCertificate}`,
      `--tls-key=${site.files.istioKey}`,
    ],
    // Filters that only Istio's own build of Envoy has; a plain one refuses listeners that name them.
    { PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_ALPN_FILTER: 'false' },
  );
  if (program.pid !== undefined) prefer(program.pid);
  const ready = `http://${site.address}:${PORTS.istioDebug}/ready`;
  await until("Istio's discovery to be ready", async () => (await httpStatus(ready)) === 200, {
    givesUp: () => program.assertRunning(),
  });
  return program;
}

/** The platform's Gateway: every host, plain HTTP. Bound to the node's address, so that it takes no Pod's port. */
export async function createGateway(site: Site, api: Api): Promise<void> {
  await api.expect([201], 'POST', `/apis/networking.istio.io/v1/namespaces/${ISTIO_NAMESPACE}/gateways`, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'ingressgateway', namespace: ISTIO_NAMESPACE },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: PORTS.gateway, name: 'http', protocol: 'HTTP' }, bind: site.address, hosts: ['*'] }],
    },
  });
}

export async function createIstioNamespace(api: Api): Promise<void> {
  await api.expect([201], 'POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: ISTIO_NAMESPACE },
  });
}

/** Starts Envoy as Istio's ingress gateway and waits until the Gateway's port answers, with 404 while there is no route. */
export async function startEnvoy(site: Site): Promise<Program> {
  writeFileSync(site.files.envoyBootstrap, JSON.stringify(envoyBootstrap(site.address)));
  const program = site.programs.start('envoy', [
    site.assets.envoy,
    `--config-path`,
    site.files.envoyBootstrap,
    // Hot restart claims shared memory by a number, which a second Envoy would claim as well.
    '--disable-hot-restart',
    '--concurrency',
    '1',
    '--log-level',
    'warn',
  ]);
  if (program.pid !== undefined) prefer(program.pid);
  const gateway = `http://${site.address}:${PORTS.gateway}/`;
  await until('the gateway to answer', async () => (await httpStatus(gateway)) === 404, {
    givesUp: () => program.assertRunning(),
  });
  return program;
}

function envoyBootstrap(address: string): unknown {
  const endpoint = (port: number) => ({ socket_address: { address, port_value: port } });
  const fromDiscovery = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' };
  return {
    node: {
      // Istio reads kind, address, name and DNS domain of a proxy out of its id.
      id: `router~${address}~gateway.${ISTIO_NAMESPACE}~${ISTIO_NAMESPACE}.svc.cluster.local`,
      cluster: `gateway.${ISTIO_NAMESPACE}`,
      metadata: {
        NAMESPACE: ISTIO_NAMESPACE,
        CLUSTER_ID: 'Kubernetes',
        LABELS: { istio: 'ingressgateway' },
        GENERATOR: '',
        ISTIO_VERSION: '1.31.0',
      },
    },
    admin: { address: endpoint(PORTS.envoyAdmin) },
    // As Istio starts its gateways: Envoy by itself refuses all but the smallest patterns.
    layered_runtime: {
      layers: [{ name: 'istio', static_layer: { 're2.max_program_size.error_level': 32_768 } }],
    },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'discovery' } }],
      },
      cds_config: fromDiscovery,
      lds_config: fromDiscovery,
    },
    static_resources: {
      clusters: [
        {
          name: 'discovery',
          type: 'STATIC',
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: {
            cluster_name: 'discovery',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: endpoint(PORTS.istioDiscovery) } }] }],
          },
        },
      ],
    },
  };
}
