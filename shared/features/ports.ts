import { quoted } from '../fields/field.ts';
import type { PortReference } from '../fields/inference-service-readers.ts';
import { reportRepeated } from '../fields/items.ts';
import type { ContainerPort, Deployment } from '../deployment.ts';
import type { ServicePort } from '../intent.ts';
import type { Range } from '../source.ts';
import { appProtocolOf } from '../values/app-protocol.ts';
import { nearestName } from '../values/nearest.ts';
import { containersOf, listed, sidecarsOf } from './scene.ts';
import type { Scene } from './scene.ts';

/** The ports of the Service, in order: those that are named, else all TCP ports of the containers. */
export function servicePorts(scene: Scene, named: readonly PortReference[] | undefined): ServicePort[] {
  return toServicePorts(named === undefined ? ownTcpPorts(scene.deployment) : referredPorts(scene, named));
}

const isTcp = ({ protocol }: ContainerPort) => (protocol ?? 'TCP') === 'TCP';

function ownTcpPorts(deployment: Deployment): ContainerPort[] {
  const ports = declaredPorts(containersOf(deployment)).filter(isTcp);
  return ports.filter((port, index) => ports.findIndex(same => same.containerPort === port.containerPort) === index);
}

function declaredPorts(containers: ReturnType<typeof containersOf>): ContainerPort[] {
  return containers
    .flatMap(({ ports }) => listed(ports))
    .filter(({ containerPort }) => Number.isInteger(containerPort));
}

function referredPorts({ deployment, report }: Scene, references: readonly PortReference[]): ContainerPort[] {
  const declared = declaredPorts([...containersOf(deployment), ...sidecarsOf(deployment)]);
  const found = new Map<number, { readonly port: ContainerPort; readonly at: Range }>();
  for (const reference of references) {
    const same = declared.filter(
      ({ name, containerPort }) => reference.port === containerPort || reference.port === name,
    );
    const port = same.find(isTcp) ?? undeclaredPort(reference, same.length > 0);
    const first = port && found.get(port.containerPort);
    const known = declared.filter(isTcp);
    if (port !== undefined && same.length === 0) reportUndeclared(reference, known, report);
    if (port === undefined) reportNoPort(reference, same[0], known, report);
    else if (first === undefined) found.set(port.containerPort, { port, at: reference.at });
    else reportRepeated(String(reference.port), reference.at, reference.path, first.at, report);
  }
  return [...found.values()].map(({ port }) => port);
}

/** Kubernetes lets a container listen where it declares nothing, so a number is taken at its word. */
function undeclaredPort({ port }: PortReference, isOtherProtocol: boolean): ContainerPort | undefined {
  return typeof port === 'number' && !isOtherProtocol ? { containerPort: port } : undefined;
}

function reportUndeclared({ at, path, port }: PortReference, known: readonly ContainerPort[], report: Scene['report']) {
  const nearest = nearestName(String(port), namesOf(known));
  report({
    name: 'PortUndeclared',
    at,
    path,
    must: 'is expected to be declared by a container',
    found: `but ${quoted(String(port))} is not`,
    fix: nearest === undefined ? 'declare it under `ports` of the container' : `write \`${nearest}\`, or declare it`,
  });
}

function namesOf(ports: readonly ContainerPort[]): readonly string[] {
  return ports.flatMap(({ name, containerPort }) => [String(containerPort), ...(name === undefined ? [] : [name])]);
}

function reportNoPort(
  { at, path, port }: PortReference,
  other: ContainerPort | undefined,
  known: readonly ContainerPort[],
  report: Scene['report'],
): void {
  const names = namesOf(known);
  const nearest = nearestName(String(port), names) ?? names[0];
  report({
    name: other === undefined ? 'PortUnknown' : 'PortNotTcp',
    at,
    path,
    must: `must be a TCP port of a container: ${names.length === 0 ? 'there is none' : names.map(quoted).join(', ')}`,
    found:
      other === undefined ? `but is ${quoted(String(port))}` : `but ${quoted(String(port))} is ${other.protocol ?? ''}`,
    fix: nearest === undefined ? 'declare it under `ports` of the container' : `write \`${nearest}\``,
  });
}

/**
 * A port keeps the name of its container port. The first one without a name is `http`, others `http-<port>`. Names are
 * unique in a Service, though not in a Pod: a name that is used gets the number behind it.
 */
function toServicePorts(ports: readonly ContainerPort[]): ServicePort[] {
  const used = new Set<string>();
  const given = new Set(ports.map(({ name }) => name));
  return ports.map(({ name, containerPort }, index) => {
    const wanted = name ?? (index === 0 && !given.has('http') ? 'http' : `http-${containerPort}`);
    let unique = wanted;
    while (used.has(unique)) unique += `-${containerPort}`;
    used.add(unique);
    return { name: unique, port: containerPort, appProtocol: appProtocolOf(name) };
  });
}
