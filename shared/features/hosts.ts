import { quoted } from '../fields/field.ts';
import { builtInHost, hasBuiltInForm, hostPrefix } from '../render/names.ts';
import { effectiveSettings } from '../effective-settings.ts';
import type { Located } from '../source.ts';
import { isDnsName, isServiceName, isUnder } from '../values/dns.ts';
import type { Scene } from './scene.ts';

/**
 * The host as it is served: in test and debug with the environment's prefix, unless it is written so, so that a test
 * never takes production's host. `ingressHost` belongs to nobody and stays.
 */
export function servedHost(host: string, { environment, settings }: Scene): string {
  const prefix = hostPrefix(environment);
  return host === settings.ingressHost || host.startsWith(prefix) ? host : prefix + host;
}

/** The host that this Deployment's InferenceService has by itself, if the platform gives any. */
export function ownBuiltInHost({ deployment, effective, environment, settings }: Scene): string | undefined {
  const { name, namespace } = deployment.metadata;
  return builtInHost({ deployment: name, namespace, environment, domain: effective.domain }, settings);
}

/** Says that the Deployment is without a built-in host though the platform gives them: with its name it would be no DNS name. */
export function checkBuiltInHost(scene: Scene): void {
  const { deployment, effective, settings, report } = scene;
  const isNamed = isServiceName(deployment.metadata.name);
  if (effective.domain === '' || !isNamed || ownBuiltInHost(scene) !== undefined) return;
  report({
    name: 'BuiltInHostTooLong',
    at: ['metadata', 'name'],
    path: 'metadata.name',
    must: `must make a host of at most 253 characters, 63 between two dots, where the platform writes '${settings.hostTemplate}'`,
    found: `but ${quoted(deployment.metadata.name)} in '${deployment.metadata.namespace}' does not, so that there is no built-in host`,
    fix: 'give the Deployment a shorter name, or ask the platform for another `hostTemplate`',
  });
}

/** Whether this Deployment may have the host as its own; if not, that is reported. */
export function mayClaim({ value: host, at }: Located<string>, path: string, scene: Scene): boolean {
  const reserved = reservation(host, scene);
  const about = { at, path, found: `but is ${quoted(host)}` };
  if (reserved !== undefined) {
    scene.report({ ...about, name: 'HostReserved', ...reserved });
    return false;
  }
  const { allowedHosts } = scene.effective;
  if (allowedHosts === undefined || allowedHosts.some(suffix => isUnder(host, suffix))) return true;
  scene.report({
    ...about,
    name: 'HostNotAllowed',
    must:
      allowedHosts.length === 0
        ? 'must be left out: this namespace may have no hosts of its own'
        : `must be or lie under one of ${allowedHosts.map(quoted).join(', ')}`,
    fix:
      allowedHosts[0] === undefined
        ? 'ask the platform for hosts (`waymark.dev/allowed-hosts`)'
        : `write a host under '${allowedHosts[0]}'`,
  });
  return false;
}

interface Reservation {
  readonly must: string;
  readonly fix: string;
}

/** Names that resolvers complete or answer by themselves: who calls them means a Service, or his own machine. */
const INSIDE = ['svc', 'localhost'];

function reservation(host: string, scene: Scene): Reservation | undefined {
  const { settings } = scene;
  const elsewhere = 'write a host of your own';
  if (!isDnsName(host)) {
    return { must: "must have at most 253 characters with the environment's prefix", fix: 'shorten it' };
  }
  if (host === settings.ingressHost) {
    return { must: 'must not be the host that all share', fix: 'write a Mapping with a `prefix` instead' };
  }
  if (isUnder(host, settings.clusterDomain)) {
    return { must: `must not lie under the cluster's own domain '${settings.clusterDomain}'`, fix: elsewhere };
  }
  const inside = INSIDE.find(each => isUnder(host, each));
  if (inside !== undefined) {
    return { must: `must not lie under '${inside}', which never leaves the cluster`, fix: elsewhere };
  }
  const suffix = settings.reservedHosts.find(each => isUnder(host, each));
  if (suffix !== undefined)
    return { must: `must not lie under '${suffix}', which the platform reserves`, fix: elsewhere };
  const domain = builtInDomain(host, scene);
  if (domain === undefined) return undefined;
  const own = host === ownBuiltInHost(scene);
  return {
    must: isUnder(host, domain)
      ? `must not lie under '${domain}', where hosts are built in`
      : `must not have the form of built-in hosts, '${settings.hostTemplate}'`,
    fix: own ? 'leave it out: this Deployment has it anyway' : elsewhere,
  };
}

/**
 * The domain of built-in hosts that the host lies under, or whose form it has: the platform's, the namespace's own, or that of a namespace
 * whose name is one of the host's labels, as it is in every built-in host.
 */
function builtInDomain(host: string, { settings, effective, namespaceOf }: Scene): string | undefined {
  const domains = [settings.domain, effective.domain];
  for (const label of host.split('.')) {
    const namespace = namespaceOf(label);
    if (namespace !== undefined) domains.push(effectiveSettings(settings, namespace).domain);
  }
  return domains.find(domain => domain !== '' && (isUnder(host, domain) || hasBuiltInForm(host, domain, settings)));
}
