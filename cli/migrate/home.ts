import { parseServiceText } from '../../shared/values/service-text.ts';
import { Failure } from '../failure.ts';
import type { Manifest } from '../manifests.ts';
import { recordOf, textOf } from './ambassador-document.ts';
import type { AmbassadorDocument, Json } from './ambassador-document.ts';
import type { MigrationOptions } from './migration.ts';

/** A Deployment or a Service of the input. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  /** Of a Deployment those of its Pods, of a Service its selector. */
  readonly labels: Json;
}

export interface Surroundings {
  readonly services: readonly Workload[];
  readonly deployments: readonly Workload[];
  /** Those that objects of the input are in. */
  readonly namespaces: ReadonlySet<string>;
  /** By namespace: who takes the Mappings that no Deployment of their own is found for. */
  readonly defaults: ReadonlyMap<string, Workload>;
}

/** The Deployment that a Mapping goes to, or why there is none. */
export type Home = { readonly deployment: Workload } | { readonly message: string; readonly fix: string };

type Missing = Extract<Home, { message: string }>;

/**
 * The Deployment behind the Service that the Mapping sends to; where that is none of its namespace, the one behind the
 * Service that it is annotated on; else the default of the namespace.
 */
export function homeOf(document: AmbassadorDocument, around: Surroundings): Home {
  const { namespace } = document.ref;
  const target = targetOf(document, around);
  const behindTarget = target.kind === 'service' ? behind(target.namespace, target.name, around) : target;
  const otherNamespace = target.kind === 'service' && target.namespace !== namespace ? target.namespace : undefined;
  if ('deployment' in behindTarget && otherNamespace === undefined) return behindTarget;

  const { parent } = document;
  const behindParent = parent?.kind === 'Service' ? behind(parent.namespace, parent.name, around) : undefined;
  const fallback = around.defaults.get(namespace);
  const isNear = behindParent !== undefined && 'deployment' in behindParent && parent?.namespace === namespace;
  const deployment = isNear ? behindParent.deployment : fallback;
  if (deployment !== undefined) return { deployment };
  if (otherNamespace !== undefined) return foreign(namespace, otherNamespace);
  return behindTarget;
}

type Target =
  { readonly kind: 'service'; readonly namespace: string; readonly name: string } | (Missing & { kind: 'none' });

function targetOf(
  { fields, ref: { namespace }, parent }: AmbassadorDocument,
  { namespaces, services }: Surroundings,
): Target {
  if (fields['host_redirect'] === true) return nowhere('it redirects', namespace);
  const text = textOf(fields['service']);
  if (text === '' && parent?.kind === 'Service') return { ...parent, kind: 'service' };
  if (text === '') return nowhere('it names no Service', namespace);
  const service = parseServiceText(text.replace(/^https:\/\//i, ''));
  if (!('name' in service)) return nowhere(`'${text}' names no Service`, namespace);
  const { name, rest } = service;
  if (rest === undefined) return { kind: 'service', namespace, name };
  const [other = '', svc] = rest.split('.');
  const isKnown = svc === undefined && (other === namespace || namespaces.has(other));
  const isInCluster = isKnown || svc === 'svc' || services.some(one => one.namespace === other && one.name === name);
  return isInCluster
    ? { kind: 'service', namespace: other, name }
    : nowhere(`'${name}.${rest}' is outside the cluster`, namespace);
}

function nowhere(why: string, namespace: string): Target {
  return {
    kind: 'none',
    message: `has no Deployment of its own, since ${why}`,
    fix: `name the Deployment that it shall belong to: --default-deployment ${namespace}/NAME`,
  };
}

/** Whose Pods the Service selects. */
function behind(namespace: string, name: string, { services, deployments, defaults }: Surroundings): Home {
  const full = `${namespace}/${name}`;
  const fix = `name the Deployment: --default-deployment ${namespace}/NAME`;
  const service = services.find(one => one.namespace === namespace && one.name === name);
  if (service === undefined) {
    return { message: `sends to Service ${full}, which is not in the input`, fix: `add the Service, or ${fix}` };
  }
  const selector = Object.entries(service.labels);
  if (selector.length === 0) {
    return { message: `sends to Service ${full}, which selects no Pods`, fix };
  }
  const found = deployments.filter(
    one => one.namespace === namespace && selector.every(([key, value]) => one.labels[key] === value),
  );
  const [only, second] = found;
  if (only === undefined) {
    return {
      message: `sends to Service ${full}, behind which is no Deployment of the input`,
      fix: `add the Deployment, or ${fix}; only a Deployment can carry the annotation`,
    };
  }
  if (second === undefined) return { deployment: only };
  const chosen = found.find(one => one.name === defaults.get(namespace)?.name);
  if (chosen !== undefined) return { deployment: chosen };
  const names = found.map(one => one.name).join(', ');
  return {
    message: `sends to Service ${full}, behind which are several Deployments: ${names}`,
    fix: `name one of them: --default-deployment ${namespace}/${only.name}`,
  };
}

function foreign(namespace: string, other: string): Missing {
  return {
    message: `is in namespace ${namespace}, but sends to a Service of ${other}`,
    fix: `move the Mapping to ${other} (\`metadata.namespace\`), or name a Deployment of ${namespace} that it shall belong to (--default-deployment ${namespace}/NAME) and have Namespace ${other} annotated with \`waymark.dev/allow-traffic-from: ${namespace}\``,
  };
}

/** What the input says of Services and Deployments. Throws a Failure for a default Deployment that is not in it. */
export function surroundingsOf(
  manifests: readonly Manifest[],
  { namespace: home, defaultDeployments }: Pick<MigrationOptions, 'namespace' | 'defaultDeployments'>,
): Surroundings {
  const services: Workload[] = [];
  const deployments: Workload[] = [];
  const namespaces = new Set<string>([home]);
  for (const { value } of manifests) {
    const { name, namespace = home } = recordOf(value['metadata']);
    const own = { namespace: String(namespace), name: textOf(name) };
    namespaces.add(value.kind === 'Namespace' ? own.name : own.namespace);
    if (value.kind === 'Service') services.push({ ...own, labels: recordOf(recordOf(value['spec'])['selector']) });
    if (value.kind !== 'Deployment') continue;
    const template = recordOf(recordOf(value['spec'])['template']);
    deployments.push({ ...own, labels: recordOf(recordOf(template['metadata'])['labels']) });
  }
  const defaults = [...defaultDeployments].map(([namespace, name]) => {
    const deployment = deployments.find(one => isSame(one, { namespace, name }));
    if (deployment !== undefined) return [namespace, deployment] as const;
    throw new Failure(`error: --default-deployment must be in the input, but Deployment ${namespace}/${name} is not`);
  });
  return { services, deployments, namespaces, defaults: new Map(defaults) };
}

type Named = Pick<Workload, 'namespace' | 'name'>;

export function isSame(one: Named, other: Named): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}
