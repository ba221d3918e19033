/**
 * Protocols that Istio reads from a port, see
 * https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
const PROTOCOLS = new Set(['http', 'http2', 'https', 'grpc', 'grpc-web', 'mongo', 'mysql', 'redis', 'tcp', 'tls']);

/** From the leading words of a container port's name: `grpc-predict` is grpc. `http` where the name says nothing. */
export function appProtocolOf(portName: string | undefined): string {
  const [first = '', second = ''] = (portName ?? '').split('-');
  if (PROTOCOLS.has(`${first}-${second}`)) return `${first}-${second}`;
  return PROTOCOLS.has(first) ? first : 'http';
}
