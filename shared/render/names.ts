/** Every name that Waymark gives to something, one function each. */
import type { Environment, Settings } from '../settings.ts';
import { isDnsName } from '../values/dns.ts';

/** The Service has the Deployment's name, as in cube-studio: users write it into their own configuration. */
export function serviceName(deployment: string): string {
  return deployment;
}

/** The second Service, for access by address and port: names of Deployments leave room for it. */
export function externalServiceName(deployment: string): string {
  return `${deployment}-external`;
}

export function horizontalPodAutoscalerName(deployment: string): string {
  return deployment;
}

/** The VirtualService of a built-in host. It has no dot, since its Service's name has none. */
export function builtInVirtualServiceName(deployment: string): string {
  return deployment;
}

/**
 * The VirtualService of an own host or of `ingressHost`: the host's name. A host of one label gets a second one, so
 * that no Deployment's name can equal it; no host ends in a number, so that no other host can either.
 */
export function hostVirtualServiceName(host: string): string {
  return host.includes('.') ? host : `${host}.0`;
}

export function serviceFqdn(name: string, namespace: string, clusterDomain: string): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/** What `serviceFqdn` wrote; `undefined` = the host is no Service of this cluster. */
export function readServiceFqdn(
  host: string,
  clusterDomain: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const suffix = `.svc.${clusterDomain}`;
  if (!host.endsWith(suffix)) return undefined;
  const [name, namespace, ...more] = host.slice(0, -suffix.length).split('.');
  return name && namespace && more.length === 0 ? { namespace, name } : undefined;
}

/** The ServiceEntry and the DestinationRule of a host that requests are sent to: the host's name, like that of no Deployment. */
export function upstreamName(host: string): string {
  return host;
}

/** Where its Gateway is, and by Istio's own advice its Pods. */
export function gatewayNamespace({ gateway }: Pick<Settings, 'gateway'>): string {
  return gateway.split('/')[0] ?? '';
}

/** How a route is found again in a live VirtualService, and what access logs show. */
export function routeName(namespace: string, deployment: string, route: string): string {
  return `${namespace}/${deployment}/${route}`;
}

/** The route name of the InferenceService's own traffic; Mappings are named by their users, who may use it too. */
export const CATCH_ALL = 'catch-all';

/** The same traffic on the host that all share, under the path of the model. */
export const MODEL_PATH = 'model-path';

/** What an environment puts in front of names. */
export function namePrefix(environment: Environment): '' | 'test-' | 'debug-' {
  return environment === 'prod' ? '' : `${environment}-`;
}

/** What an environment puts in front of hosts. */
export function hostPrefix(environment: Environment): '' | 'test.' | 'debug.' {
  return environment === 'prod' ? '' : `${environment}.`;
}

export interface BuiltInHostParts {
  readonly deployment: string;
  readonly namespace: string;
  readonly environment: Environment;
  /** The namespace's, else the platform's; empty = no built-in hosts. */
  readonly domain: string;
}

/** The host that an InferenceService has by itself; none where the platform's template makes one too long for DNS. */
export function builtInHost(
  parts: BuiltInHostParts,
  { hostTemplate }: Pick<Settings, 'hostTemplate'>,
): string | undefined {
  const { deployment, namespace, environment, domain } = parts;
  if (domain === '') return undefined;
  const prefix = namePrefix(environment);
  const filled: Readonly<Record<string, string>> = {
    prefix: hostPrefix(environment),
    service: deployment.startsWith(prefix) ? deployment.slice(prefix.length) : deployment,
    namespace,
    domain,
  };
  const host = hostTemplate
    .replace(/\{(prefix|service|namespace|domain)\}/g, (_, key: string) => filled[key] ?? '')
    .toLowerCase();
  return isDnsName(host) ? host : undefined;
}

const ANY: Readonly<Record<string, string>> = {
  prefix: String.raw`(?:test\.|debug\.)?`,
  service: '[a-z0-9-]+',
  namespace: '[a-z0-9-]+',
};

/** Whether some Deployment could have the host by itself; with a template that ends otherwise, not all lie under `domain`. */
export function hasBuiltInForm(
  host: string,
  domain: string,
  { hostTemplate }: Pick<Settings, 'hostTemplate'>,
): boolean {
  const literal = (text: string) => text.toLowerCase().replaceAll('.', String.raw`\.`);
  const form = hostTemplate
    .split(/\{(prefix|service|namespace|domain)\}/)
    .map((part, index) => (index % 2 === 0 ? literal(part) : (ANY[part] ?? literal(domain))));
  return new RegExp(`^${form.join('')}$`).test(host);
}
