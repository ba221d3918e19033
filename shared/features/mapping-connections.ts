import type { MappingValues } from '../fields/mapping.ts';
import type { ConnectionPolicy, Destination, ServicePort } from '../intent.ts';
import type { Range } from '../source.ts';
import type { Scene } from './scene.ts';

const SPEAKS_HTTP2: readonly string[] = ['http2', 'grpc', 'grpc-web'];

/** How connections to the destination are to be made; undefined = as Istio makes them. */
export function connectionsOf(
  values: MappingValues,
  destination: Destination,
  ports: readonly ServicePort[],
  scene: Scene,
): ConnectionPolicy | undefined {
  const tls = tlsOf(values, scene);
  const asked = askedOf(values, isHttp2(destination, ports, scene));
  const [first] = [...asked, ...(tls ? [tls] : [])].sort((a, b) => a.at.start - b.at.start);
  if (first === undefined) return undefined;
  const own = scene.deployment.metadata.namespace;
  if (destination.to === 'service' && destination.namespace !== own) {
    reportForeign(first, destination, scene);
    return undefined;
  }
  return asked.reduce<ConnectionPolicy>((policy, { part }) => ({ ...policy, ...part }), { at: first.at, ...tls?.part });
}

interface Asked {
  readonly path: string;
  readonly at: Range;
  readonly part: Partial<ConnectionPolicy>;
}

function askedOf(values: MappingValues, isHttp2Anyway: boolean): readonly Asked[] {
  const {
    connect_timeout_ms: connect,
    cluster_idle_timeout_ms: idle,
    cluster_max_connection_lifetime_ms: lifetime,
    circuit_breakers: breaker,
    load_balancer: balancer,
    keepalive,
    grpc,
  } = values;
  const asked: (Asked | undefined | false)[] = [
    connect && { path: 'connect_timeout_ms', at: connect.at, part: { connectTimeout: connect.value } },
    idle && { path: 'cluster_idle_timeout_ms', at: idle.at, part: { idleTimeout: idle.value } },
    lifetime !== undefined &&
      lifetime.value > 0 && {
        path: 'cluster_max_connection_lifetime_ms',
        at: lifetime.at,
        part: { maxConnectionDuration: lifetime.value },
      },
    breaker && { path: 'circuit_breakers', at: breaker.at, part: { circuitBreaker: breaker.value } },
    balancer && { path: 'load_balancer', at: balancer.at, part: { loadBalancer: balancer.value } },
    keepalive && { path: 'keepalive', at: keepalive.at, part: { keepalive: keepalive.value } },
    grpc?.value === true && !isHttp2Anyway && { path: 'grpc', at: grpc.at, part: { http2: true } },
  ];
  return asked.filter(each => each !== undefined && each !== false);
}

/** Whether the destination is a port of the Deployment's own Service that says so itself. */
function isHttp2(destination: Destination, ports: readonly ServicePort[], { deployment }: Scene): boolean {
  const { name, namespace } = deployment.metadata;
  const [first] = ports;
  if (destination.to === 'own') return first !== undefined && SPEAKS_HTTP2.includes(first.appProtocol);
  if (destination.to === 'external' || destination.name !== name || destination.namespace !== namespace) return false;
  return ports.some(({ port, appProtocol }) => port === destination.port && SPEAKS_HTTP2.includes(appProtocol));
}

/** Whether `service` or `tls` ask for TLS. */
export function wantsTls({ service, tls }: MappingValues): boolean {
  return service?.value.scheme === 'https' || tls?.value === true;
}

function tlsOf(values: MappingValues, { report }: Scene): Asked | undefined {
  const { service, tls, tls_verify: verify } = values;
  if (tls?.value === true && service?.value.scheme === 'http') {
    report({
      name: 'FieldsDisagree',
      at: tls.at,
      path: 'tls',
      must: 'must be left out beside `http://` in `service`',
      fix: 'write `https://` there, or delete it',
      related: [{ at: service.at, message: 'the service' }],
    });
  }
  if (!wantsTls(values)) {
    if (verify === undefined) return undefined;
    const must = 'must be left out without TLS: there is no certificate';
    const fix = 'delete it, or write `https://` in front of `service`';
    report({ name: 'FieldsDisagree', at: verify.at, path: 'tls_verify', must, fix });
    return undefined;
  }
  const isInService = service?.value.scheme === 'https';
  const at = (isInService ? service : tls)?.at;
  return at && { path: isInService ? 'service' : 'tls', at, part: { tls: { verifies: verify?.value ?? true } } };
}

function reportForeign(
  { path, at }: Asked,
  { namespace, name }: { namespace: string; name: string },
  { report }: Scene,
): void {
  report({
    name: 'ConnectionsForeign',
    at,
    path,
    must: `${path === 'service' ? 'must not begin with `https://`' : 'must be left out'} for a Service of another namespace: it would change how all others reach ${namespace}/${name}`,
    fix:
      path === 'grpc'
        ? `delete it, and have the port of Service ${namespace}/${name} given \`appProtocol: grpc\``
        : `delete it, and have a DestinationRule of Istio written in '${namespace}'`,
  });
}
