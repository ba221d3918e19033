import type { Container, Deployment, EnvVar } from '../deployment.ts';
import type { PatchOperation } from '../patch.ts';
import { dropKey, listOperations, pointer } from '../render/json-patch.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { Injection } from './inject.ts';
import { CONTAINER_LISTS } from './template.ts';

/** What admission does to a Deployment, in both forms: they agree by a test. */
export interface Change {
  readonly patch: readonly PatchOperation[];
  readonly admitted: Deployment;
}

export function changeOf(object: Deployment, edits: Injection['edits'], bookkeeping: Bookkeeping): Change {
  const patch = [...edits.flatMap(editOperations), ...bookkeeping.patch];
  if (patch.length === 0) return { patch, admitted: object };
  return { patch, admitted: withAnnotations(withEnv(object, edits), bookkeeping) };
}

/** A list that is missing is written whole, one in which nothing is left is taken out; else single entries only. */
function editOperations({ list, index, container, env, steps }: Injection['edits'][number]): readonly PatchOperation[] {
  const path = ['spec', 'template', 'spec', list, index] as const;
  if (!container.env) return [{ op: 'add', path: pointer([...path, 'env']), value: env }];
  if (env.length === 0) return dropKey(path, container as unknown as Record<string, unknown>, 'env');
  return listOperations([...path, 'env'], steps);
}

/** A copy that shares with `object` all that does not change. */
function withEnv(object: Deployment, edits: Injection['edits']): Deployment {
  if (edits.length === 0) return object;
  const { template } = object.spec;
  const lists = CONTAINER_LISTS.filter(list => edits.some(edit => edit.list === list)).map(list => {
    const changed = new Map(edits.filter(edit => edit.list === list).map(edit => [edit.index, edit.env]));
    return [list, template.spec[list]?.map((container, index) => withList(container, changed.get(index)))] as const;
  });
  return {
    ...object,
    spec: { ...object.spec, template: { ...template, spec: { ...template.spec, ...Object.fromEntries(lists) } } },
  };
}

function withList(container: Container, env: readonly EnvVar[] | undefined): Container {
  if (!env) return container;
  const changed: { -readonly [Field in keyof Container]: Container[Field] } = { ...container, env };
  if (env.length === 0) delete changed.env;
  return changed;
}

function withAnnotations(object: Deployment, { patch, annotations }: Bookkeeping): Deployment {
  if (patch.length === 0) return object;
  const merged = new Map(Object.entries(object.metadata.annotations ?? {}));
  for (const [key, value] of annotations) {
    if (value === undefined) merged.delete(key);
    else merged.set(key, value);
  }
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(merged) } };
}
