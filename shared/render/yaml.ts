import { stringify } from 'yaml';
import type { JsonObject } from '../json.ts';

/** Keys of every Kubernetes object that come first, whatever order they were read in. */
const FIRST_KEYS = ['apiVersion', 'kind', 'metadata', 'spec'] as const;

/**
 * Objects as one YAML text of several documents, each with the line `---` in front: what the command line prints.
 * Equal objects give equal bytes. Strings that a reader of YAML 1.1 (kubectl is one) would take for something else are
 * quoted.
 */
export function printYaml(objects: readonly object[]): string {
  return objects.map(object => `---\n${stringify(inOrder(object), OPTIONS)}`).join('');
}

/** Objects as one List in JSON. */
export function printJson(objects: readonly object[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(inOrder) }, undefined, 2)}\n`;
}

const OPTIONS = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1', version: '1.2' } as const;

function inOrder(object: object): JsonObject {
  const given = object as JsonObject;
  const first = FIRST_KEYS.filter(key => Object.hasOwn(given, key)).map(key => [key, given[key]] as const);
  return { ...Object.fromEntries(first), ...given };
}
