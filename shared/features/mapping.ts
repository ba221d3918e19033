import type { MappingDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import type { InferenceService, Mapping, ServicePort } from '../intent.ts';
import type { Located } from '../source.ts';
import { destinationOf } from './destination.ts';
import { mayClaim, ownBuiltInHost, servedHost } from './hosts.ts';
import { wantsTls } from './mapping-connections.ts';
import { checkPreflight, forwardOf } from './mapping-forward.ts';
import { requestMatchOf } from './mapping-match.ts';
import { isRedirect, redirectOf, reportNoRedirect } from './mapping-redirect.ts';
import { checkRewrite } from './mapping-rewrite.ts';
import type { Scene } from './scene.ts';

export interface Surroundings {
  /** The InferenceService beside the Mappings, or that there is one which could not be read. */
  readonly service?: InferenceService | 'unread';
  /** Hosts of the InferenceService were asked for, and none of them may be had. */
  readonly hostsLost: boolean;
  readonly ports: readonly ServicePort[];
}

/** One Mapping; undefined = there is no route for it, and that has been reported. */
export function mappingOf(document: MappingDocument, around: Surroundings, scene: Scene): Mapping | undefined {
  const { values, at } = document;
  if (values.ambassador_id?.value === false) {
    reportSkipped(values.ambassador_id.at, scene);
    return undefined;
  }
  checkNamespace(values.namespace, scene);
  const hosts = hostsOf(document, scene);
  if (hosts === undefined) checkAttached(document, around, scene);
  const match = requestMatchOf(values, scene);
  const action = actionOf(document, around, scene);
  const lost = hosts === 'lost' || (hosts === undefined && around.hostsLost);
  if (lost || action === undefined || values.name === undefined || !values.prefix || match === undefined) {
    return undefined;
  }
  checkPreflight(values, match, scene);
  checkRewrite(document, match, scene);
  return {
    at,
    name: values.name.value,
    ...(hosts !== undefined && { hosts }),
    match,
    prefixAt: values.prefix.at,
    precedence: values.precedence?.value ?? 0,
    ...(values.weight && { weight: values.weight }),
    action,
  };
}

function actionOf(document: MappingDocument, { ports }: Surroundings, scene: Scene): Mapping['action'] | undefined {
  const { values } = document;
  if (isRedirect(values)) return redirectOf(document, scene);
  reportNoRedirect(values, scene);
  const serviceWrong = values.service === undefined && document.given.has('service');
  const destination = serviceWrong ? undefined : destinationOf(values.service, wantsTls(values), ports, scene);
  if (destination === undefined) return undefined;
  if (destination.to === 'own' && ports.length === 0) reportNoPort(document, scene);
  return forwardOf(document, destination, ports, scene);
}

/** The hosts that the Mapping names: none, one, or one that may not be had. */
function hostsOf({ values, given }: MappingDocument, scene: Scene): readonly Located<string>[] | 'lost' | undefined {
  const { host, hostname } = values;
  const [first, second] = [host, hostname].filter(each => each !== undefined).sort((a, b) => a.at.start - b.at.start);
  if (first === undefined) return given.has('host') || given.has('hostname') ? 'lost' : undefined;
  if (second !== undefined && JSON.stringify(first.value) !== JSON.stringify(second.value)) {
    reportTwoHosts(first, second, second === host ? 'host' : 'hostname', scene);
  }
  if (first.value === 'all') return undefined;
  const located = { value: servedHost(first.value.host, scene), at: first.at };
  const free = located.value === scene.settings.ingressHost || located.value === ownBuiltInHost(scene);
  return free || mayClaim(located, first === host ? 'host' : 'hostname', scene) ? [located] : 'lost';
}

/** A Mapping without host is on the hosts of its InferenceService, on its built-in host, or on the host of all. */
function checkAttached({ at }: MappingDocument, { service }: Surroundings, scene: Scene): void {
  const { settings, effective, report } = scene;
  if (settings.ingressHost !== '' || service === 'unread') return;
  if (service !== undefined && (service.hosts.length > 0 || effective.domain !== '')) return;
  report({
    name: 'RouteNowhere',
    at: { start: at.start, end: at.start },
    path: 'hostname',
    must: 'must be given, since neither this Deployment nor the platform has a host for it',
    fix: 'add `hostname`, or ask the platform for an `ingressHost`',
  });
}

function checkNamespace(namespace: Located<string> | undefined, { deployment, report }: Scene): void {
  const own = deployment.metadata.namespace;
  if (namespace === undefined || namespace.value === own) return;
  report({
    name: 'NamespaceForeign',
    at: namespace.at,
    path: 'namespace',
    must: `must be '${own}', the namespace of the Deployment`,
    found: `but is ${quoted(namespace.value)}`,
    fix: 'delete it',
  });
}

function reportNoPort({ at }: MappingDocument, { report }: Scene): void {
  report({
    name: 'PortMissing',
    at: { start: at.start, end: at.start },
    path: 'service',
    must: "must be given, since the Deployment's containers declare no TCP port",
    fix: 'add `service`, or declare the port under `ports` of the container',
  });
}

function reportSkipped(at: MappingDocument['at'], { report }: Scene): void {
  report({
    name: 'AmbassadorIdSkipped',
    at,
    path: 'ambassador_id',
    must: "must hold 'default' for there to be a route",
    found: 'but is for another Ambassador',
    fix: 'delete it, or leave it if that is meant',
  });
}

type Choice = NonNullable<MappingDocument['values']['host']>;

function reportTwoHosts(first: Choice, second: Choice, path: string, { report }: Scene): void {
  report({
    name: 'ValueWrong',
    at: second.at,
    path,
    must: `must be the same as \`${path === 'host' ? 'hostname' : 'host'}\``,
    found: second.value === 'all' ? "but is '*'" : `but is ${quoted(second.value.host)}`,
    fix: 'write `hostname` only',
    related: [{ at: first.at, message: 'the other one' }],
  });
}
