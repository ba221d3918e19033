import type { Container, Deployment, EnvVar } from '../../shared/deployment.ts';
import { CONTAINER_LISTS } from '../../shared/inject/template.ts';
import { sameJson } from '../../shared/json.ts';
import { asStored } from './deployments.ts';

/** What the clients and the API server make of a Deployment before any webhook sees it, as far as env and annotations go. */

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** `kubectl apply`: what the last manifest had and this one has not goes, all else of the live object stays. */
export function applyClientSide(live: Deployment, manifest: Deployment): Deployment {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  const last = text === undefined ? undefined : (JSON.parse(text) as Deployment);
  const merged = merge(live, last, manifest);
  const sent = update(
    live,
    annotate(merged, { ...merged.metadata.annotations, [LAST_APPLIED]: JSON.stringify(manifest) }),
  );
  return withOwners(sent, new Map([...ownersOf(sent), [CLIENT_SIDE, fieldsOf(manifest)]]));
}

/** The field manager of `kubectl apply --server-side`, which takes over from its older self. */
export const KUBECTL = 'kubectl';
const CLIENT_SIDE = 'kubectl-client-side-apply';

/** `helm upgrade --server-side=false`: the same, with the release before in place of kubectl's annotation. */
export function merge(live: Deployment, last: Deployment | undefined, manifest: Deployment): Deployment {
  const annotations = mergeMap(live.metadata.annotations, last?.metadata.annotations, manifest.metadata.annotations);
  return withPod(annotate(live, annotations), pod => ({
    ...mergeFields(pod, last?.spec.template.spec, manifest.spec.template.spec),
    ...listsOf(list => {
      const before = last?.spec.template.spec[list] ?? [];
      return mergeByName(pod[list] ?? [], before, manifest.spec.template.spec[list] ?? [], (now, next) => {
        const then = before.find(({ name }) => name === next.name);
        return {
          ...mergeFields(now, then, next),
          env: mergeByName(
            now.env ?? [],
            then?.env ?? [],
            next.env ?? [],
            (is, entry) =>
              mergeMap<unknown>(
                { ...is },
                { ...then?.env?.find(({ name }) => name === entry.name) },
                { ...entry },
              ) as unknown as EnvVar,
          ),
        };
      });
    }),
  }));
}

function mergeMap<T>(
  live: Readonly<Record<string, T>> = {},
  last: Readonly<Record<string, T>> = {},
  next: Readonly<Record<string, T>> = {},
): Record<string, T> {
  const kept = Object.entries(live).filter(([key]) => !(Object.hasOwn(last, key) && !Object.hasOwn(next, key)));
  return { ...Object.fromEntries(kept), ...next };
}

/** Fields that are merged otherwise are left out. */
function mergeFields<T extends object>(live: T, last: object | undefined, next: object): T {
  const rest = (value: object | undefined): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => !['env', ...CONTAINER_LISTS].includes(key)));
  return mergeMap(rest(live), rest(last), rest(next)) as T;
}

function mergeByName<T extends { readonly name: string }>(
  live: readonly T[],
  last: readonly T[],
  next: readonly T[],
  both: (now: T, next: T) => T,
): T[] {
  const wanted = new Map(next.map(item => [item.name, item]));
  const gone = new Set(last.map(({ name }) => name).filter(name => !wanted.has(name)));
  const kept = live
    .filter(({ name }) => !gone.has(name))
    .map(item => {
      const over = wanted.get(item.name);
      return over ? both(item, over) : item;
    });
  return [...kept, ...next.filter(({ name }) => !live.some(item => item.name === name))];
}

/** `kubectl apply --server-side --force-conflicts`, Helm 4, Flux, and Argo CD when told so. */
export function applyServerSide(live: Deployment, manifest: Deployment, manager: string): Deployment {
  const owned = manager === KUBECTL ? upgraded(ownersOf(live)) : ownersOf(live);
  const fields = fieldsOf(manifest);
  const others = new Set([...owned].filter(([name]) => name !== manager).flatMap(([, set]) => [...set]));
  const isGone = (field: string) => owned.get(manager)?.has(field) === true && !fields.has(field) && !others.has(field);

  const next = asStored(manifest);
  const annotations = Object.entries(live.metadata.annotations ?? {}).filter(([key]) => !isGone(annotationField(key)));
  const applied = withPod(
    annotate(live, { ...Object.fromEntries(annotations), ...next.metadata.annotations }),
    pod => ({
      ...pod,
      ...listsOf(list => {
        // Of a container that another manager holds, too, only what nobody else has goes.
        const kept = (pod[list] ?? [])
          .filter(({ name }) => !isGone(containerField(list, name)))
          .map(({ env, ...rest }): Container => {
            const left = (env ?? []).filter(entry => !isGone(entryField(list, rest.name, entry.name)));
            return left.length === 0 ? rest : { ...rest, env: left };
          });
        return mergeByName(kept, [], next.spec.template.spec[list] ?? [], (now, one) => ({
          ...now,
          ...one,
          env: mergeByName(now.env ?? [], [], one.env ?? [], (is, entry) =>
            owned.get(manager)?.has(entryField(list, now.name, entry.name)) ? entry : { ...is, ...entry },
          ),
        }));
      }),
    }),
  );
  const changed = changedFields(live, applied);
  const left = [...owned].map(
    ([name, set]) =>
      [name, name === manager ? fields : new Set([...set].filter(field => !changed.has(field)))] as const,
  );
  const result = withOwners(applied, new Map([...left, [manager, fields]]));
  const { annotations: marks = {} } = result.metadata;
  if (manager !== KUBECTL || !Object.hasOwn(marks, LAST_APPLIED)) return result;
  return annotate(result, { ...marks, [LAST_APPLIED]: JSON.stringify(manifest) });
}

function upgraded(owners: Owners): Owners {
  const all = new Map(owners);
  all.set(KUBECTL, new Set([...(owners.get(KUBECTL) ?? []), ...(owners.get(CLIENT_SIDE) ?? [])]));
  all.delete(CLIENT_SIDE);
  return all;
}

/** Any request but an apply: whoever changes a field takes it from those who applied it. */
export function update(live: Deployment, sent: Deployment): Deployment {
  const changed = changedFields(live, sent);
  const left = [...ownersOf(live)].map(
    ([name, set]) => [name, new Set([...set].filter(field => !changed.has(field)))] as const,
  );
  return withOwners(sent, new Map(left));
}

type Owners = ReadonlyMap<string, ReadonlySet<string>>;

interface Managed {
  readonly managedFields?: readonly { readonly manager: string; readonly fieldsV1: object }[];
}

function ownersOf({ metadata }: Deployment): Owners {
  const entries = (metadata as Managed).managedFields ?? [];
  return new Map(entries.map(({ manager, fieldsV1 }) => [manager, new Set(leavesOf(fieldsV1))]));
}

function withOwners(object: Deployment, owners: Owners): Deployment {
  const managedFields = [...owners]
    .filter(([, fields]) => fields.size > 0)
    .map(([manager, fields]) => ({
      manager,
      operation: manager === CLIENT_SIDE ? 'Update' : 'Apply',
      fieldsType: 'FieldsV1',
      fieldsV1: nested(fields),
    }));
  const metadata: { managedFields?: unknown } & Deployment['metadata'] = { ...object.metadata, managedFields };
  if (managedFields.length === 0) delete metadata.managedFields;
  return { ...object, metadata };
}

const annotationField = (key: string) => JSON.stringify(['f:metadata', 'f:annotations', `f:${key}`]);
const containerField = (list: string, name: string) => JSON.stringify([...POD, `f:${list}`, keyOf(name), 'f:name']);
const entryField = (list: string, container: string, name: string) =>
  JSON.stringify([...POD, `f:${list}`, keyOf(container), 'f:env', keyOf(name), 'f:name']);
const POD = ['f:spec', 'f:template', 'f:spec'];
const keyOf = (name: string) => `k:${JSON.stringify({ name })}`;

/** The fields that can be owned here: an annotation, a container, an entry of its `env`. */
function fieldsOf(object: Deployment): ReadonlySet<string> {
  return new Set(valuesOf(object).keys());
}

function valuesOf({ metadata, spec }: Deployment): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) values.set(annotationField(key), value);
  for (const list of CONTAINER_LISTS) {
    for (const { name, env = [] } of spec.template.spec[list] ?? []) {
      values.set(containerField(list, name), name);
      for (const entry of env) values.set(entryField(list, name, entry.name), entry);
    }
  }
  return values;
}

function changedFields(before: Deployment, after: Deployment): ReadonlySet<string> {
  const now = valuesOf(asStored(after));
  return new Set(
    [...valuesOf(asStored(before))].flatMap(([field, value]) => (sameJson(value, now.get(field)) ? [] : field)),
  );
}

function nested(fields: ReadonlySet<string>): object {
  const root: Record<string, unknown> = {};
  for (const field of fields) {
    let at = root;
    for (const step of JSON.parse(field) as string[]) at = (at[step] ??= {}) as Record<string, unknown>;
  }
  return root;
}

function leavesOf(fields: object, path: readonly string[] = []): string[] {
  const steps = Object.entries(fields) as [string, object][];
  if (steps.length === 0) return [JSON.stringify(path)];
  return steps.flatMap(([step, below]) => leavesOf(below, [...path, step]));
}

export function annotate(object: Deployment, annotations: Readonly<Record<string, string>>): Deployment {
  return { ...object, metadata: { ...object.metadata, annotations } };
}

type Pod = Deployment['spec']['template']['spec'];

export function withPod(object: Deployment, change: (pod: Pod) => Pod): Deployment {
  const { template } = object.spec;
  const { initContainers = [], ...pod } = change(template.spec);
  const changed = initContainers.length === 0 ? pod : { ...pod, initContainers };
  return asStored({ ...object, spec: { ...object.spec, template: { ...template, spec: changed } } });
}

/** The same change to every container, init containers too. */
export function withEach(object: Deployment, change: (container: Container) => Container): Deployment {
  return withPod(object, pod => ({ ...pod, ...listsOf(list => pod[list]?.map(change) ?? []) }));
}

export function withEnv(object: Deployment, change: (env: readonly EnvVar[]) => readonly EnvVar[]): Deployment {
  return withEach(object, one => ({ ...one, env: change(one.env ?? []) }));
}

function listsOf(
  of: (list: (typeof CONTAINER_LISTS)[number]) => readonly Container[],
): Required<Pick<Pod, (typeof CONTAINER_LISTS)[number]>> {
  const [containers, initContainers] = CONTAINER_LISTS.map(of);
  return { containers: containers ?? [], initContainers: initContainers ?? [] };
}
