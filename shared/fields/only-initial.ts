import type { Report } from '../annotation/complaint.ts';
import type { Node } from '../annotation/node.ts';
import { sameJson } from '../json.ts';
import type { Range } from '../source.ts';
import { parseDuration } from '../values/duration.ts';
import { nearestName } from '../values/nearest.ts';
import { clipped, described } from './field.ts';
import type { Read } from './field.ts';

/**
 * Reads a setting of a feature that is not built yet: what it is by default, in whole or in part, is accepted, and
 * everything else is refused by name. `written` is the default as the file has it, `initial` as the programs do.
 */
export function readOnlyInitial<T>(initial: T, written: unknown): Read<T> {
  return (node, path, report) => {
    compare(node, written, path, report);
    return initial;
  };
}

function compare(node: Node, written: unknown, path: string, report: Report): void {
  if (node.kind === 'refused') return;
  if (node.kind === 'map' && typeof written === 'object' && written !== null && !Array.isArray(written)) {
    const known = new Map<string, unknown>(Object.entries(written));
    for (const { key, keyAt, value } of node.entries) {
      const inner = `${path}.${clipped(key)}`;
      if (known.has(key)) compare(value, known.get(key), inner, report);
      else reportUnknownSetting(keyAt, inner, nearestName(key, known.keys()), report);
    }
    return;
  }
  if (isSame(plainValue(node), written)) return;
  report({
    name: 'NotSupportedYet',
    at: node.at,
    path,
    must: `must be ${JSON.stringify(written)}, since nothing else is supported yet`,
    found: described(node),
    fix: 'delete it, or wait for a version of Waymark that reads it',
  });
}

function isSame(value: unknown, written: unknown): boolean {
  if (sameJson(value, written)) return true;
  if (typeof value !== 'string' || typeof written !== 'string') return false;
  const duration = parseDuration(value);
  return duration !== undefined && duration === parseDuration(written);
}

/** For comparison only: no key of a user reaches an object that anything else reads. */
function plainValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  if (node.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]));
  return undefined;
}

export function reportUnknownSetting(at: Range, path: string, nearest: string | undefined, report: Report): void {
  report({
    name: 'FieldUnknown',
    at,
    path,
    must: 'must be a setting',
    found: 'but is none',
    fix: nearest === undefined ? 'delete it' : `write \`${nearest}\``,
  });
}
