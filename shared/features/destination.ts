import { clipped, quoted } from '../fields/field.ts';
import type { Destination, ServicePort } from '../intent.ts';
import type { Located } from '../source.ts';
import { isDnsLabel, isServiceName, isUnder } from '../values/dns.ts';
import type { ServiceText } from '../values/service-text.ts';
import { mayTarget } from './permission.ts';
import type { Scene } from './scene.ts';

/**
 * Where a Mapping sends. `name` is in the own namespace; `name.namespace` is in the cluster when the namespace is the
 * own one or is known, `name.namespace.svc` always; everything else is outside, where the platform must allow it.
 * Undefined = it cannot be sent there, and that has been reported.
 */
export function destinationOf(
  service: Located<ServiceText> | undefined,
  hasTls: boolean,
  ports: readonly ServicePort[],
  scene: Scene,
): Destination | undefined {
  if (service === undefined) return { to: 'own' };
  const { namespace: own, name } = scene.deployment.metadata;
  const { value, at } = service;
  const port = value.port ?? (hasTls ? 443 : 80);
  const namespace = namespaceNamed(value.rest, own, scene);
  if (namespace === undefined || !isServiceName(value.name)) {
    const host = hostOutside(service, scene);
    return host === undefined ? undefined : { to: 'external', at, host, port };
  }
  if (!mayTarget(namespace, { at, path: 'service', what: written(value) }, scene)) return undefined;
  if (namespace === own && value.name === name && !ports.some(each => each.port === port)) {
    reportOwnPort(service, port, ports, scene);
  }
  return { to: 'service', at, namespace, name: value.name, port };
}

/** The name of a host outside the cluster that the platform allows; if it does not, that is reported. */
function hostOutside(service: Located<ServiceText>, scene: Scene): string | undefined {
  const { name, rest } = service.value;
  const host = rest === undefined ? name : `${name}.${rest}`;
  const { externalServices, clusterDomain } = scene.settings;
  const isInside = ['svc', 'localhost', clusterDomain].some(each => isUnder(host, each));
  if (rest !== undefined && !isInside && externalServices.some(suffix => isUnder(host, suffix))) return host;
  reportExternal(service, scene);
  return undefined;
}

/** The namespace that stands behind the name of a Service; undefined = this is no place in the cluster. */
function namespaceNamed(rest: string | undefined, own: string, { settings, namespaceOf }: Scene): string | undefined {
  if (rest === undefined) return own;
  const [namespace = '', svc, ...domain] = rest.split('.');
  if (!isDnsLabel(namespace)) return undefined;
  if (svc === undefined) return namespace === own || namespaceOf(namespace) !== undefined ? namespace : undefined;
  const inCluster = svc === 'svc' && (domain.length === 0 || domain.join('.') === settings.clusterDomain);
  return inCluster ? namespace : undefined;
}

function written({ name, rest }: ServiceText): string {
  return clipped(rest === undefined ? name : `${name}.${rest}`);
}

function reportExternal({ value, at }: Located<ServiceText>, { report }: Scene): void {
  report({
    name: 'ServiceExternal',
    at,
    path: 'service',
    must: 'must name a Service of the cluster, unless the setting `externalServices` of the platform allows its host',
    found: `but ${quoted(written(value))} is in no namespace that is known`,
    fix: 'write `name.namespace.svc` if it is in the cluster; else ask the platform for the host',
  });
}

function reportOwnPort(
  { at }: Located<ServiceText>,
  port: number,
  ports: readonly ServicePort[],
  { deployment, report }: Scene,
): void {
  const numbers = ports.map(each => String(each.port));
  report({
    name: 'PortUnknown',
    at,
    path: 'service',
    must: `must have a port of this Deployment's Service: ${numbers.length === 0 ? 'there is none' : numbers.join(', ')}`,
    found: `but has ${port}`,
    fix:
      numbers[0] === undefined
        ? 'declare it under `ports` of the container'
        : `write '${deployment.metadata.name}:${numbers[0]}'`,
  });
}
