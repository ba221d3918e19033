import type { MappingDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import { NO_EDITS } from '../intent.ts';
import type { InferenceService, Mapping, PathRewrite, ServicePort } from '../intent.ts';
import type { Located } from '../source.ts';
import { destinationOf } from './destination.ts';
import { mayClaim, ownBuiltInHost, servedHost } from './hosts.ts';
import type { Scene } from './scene.ts';

/** Ambassador's own defaults, which are written out: Istio's are others. */
const REWRITE = '/';
const TIMEOUT = 3000;

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
  const serviceWrong = values.service === undefined && document.given.has('service');
  const destination = serviceWrong ? undefined : destinationOf(values.service, around.ports, scene);
  if (destination?.to === 'own' && around.ports.length === 0) reportNoPort(document, scene);
  const lost = hosts === 'lost' || (hosts === undefined && around.hostsLost);
  if (lost || destination === undefined || values.name === undefined || values.prefix === undefined) return undefined;
  return {
    at,
    name: values.name.value,
    ...(hosts !== undefined && { hosts }),
    match: {
      path: { kind: 'prefix', value: values.prefix.value, ignoresCase: false },
      ...(values.method && { method: { kind: 'exact', value: values.method.value } }),
      headers: (values.headers?.value ?? []).map(({ name, value }) => ({ name, test: { kind: 'exact', value } })),
      query: [],
    },
    prefixAt: values.prefix.at,
    precedence: values.precedence?.value ?? 0,
    action: {
      does: 'forward',
      destination,
      isShadow: false,
      rewrite: rewriteOf(values.rewrite?.value ?? REWRITE),
      timeout: values.timeout_ms?.value ?? TIMEOUT,
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
    },
  };
}

function rewriteOf(value: string): PathRewrite {
  return value === '' ? { kind: 'none' } : { kind: 'prefix', value };
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
