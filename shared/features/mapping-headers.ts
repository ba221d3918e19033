import type { AddedHeader, RemovedHeader } from '../fields/header-edits.ts';
import type { MappingValues } from '../fields/mapping.ts';
import { NO_EDITS } from '../intent.ts';
import type { HeaderEdits } from '../intent.ts';
import type { Scene } from './scene.ts';

export function requestEdits(values: MappingValues, scene: Scene): HeaderEdits {
  return editsOf(values.add_request_headers?.value, values.remove_request_headers?.value, 'request', scene);
}

export function responseEdits(values: MappingValues, scene: Scene): HeaderEdits {
  return editsOf(values.add_response_headers?.value, values.remove_response_headers?.value, 'response', scene);
}

function editsOf(
  added: readonly AddedHeader[] = [],
  removed: readonly RemovedHeader[] = [],
  of: 'request' | 'response',
  { report }: Scene,
): HeaderEdits {
  if (added.length + removed.length === 0) return NO_EDITS;
  for (const { name, at } of removed) {
    const same = added.find(each => each.name.toLowerCase() === name.toLowerCase());
    if (same === undefined) continue;
    report({
      name: 'FieldsDisagree',
      at,
      path: `remove_${of}_headers`,
      must: `must not name what \`add_${of}_headers\` adds`,
      fix: 'delete one of the two; `{value, append: false}` replaces what is there',
      related: [{ at: same.at, message: 'added here' }],
    });
  }
  const valuesOf = (appends: boolean) =>
    added.filter(each => each.appends === appends).map(({ name, value }) => ({ name, value }));
  return {
    add: valuesOf(true).sort(byName),
    set: valuesOf(false).sort(byName),
    remove: removed.map(({ name }) => name).sort(),
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
