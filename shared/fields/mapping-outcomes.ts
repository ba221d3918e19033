import type { Node } from '../annotation/node.ts';
import type { Field, Outcome } from './field.ts';

/** The largest number of Ambassador's own schema. */
export const MAX_INT = 2_147_483_647;

type Decide = (node: Node) => Outcome | 'harmless';

export function isValue(node: Node, value: unknown): boolean {
  return node.kind === 'scalar' && node.value === value;
}

/** A value that says what is so anyway. */
export function unless(value: unknown, outcome: Outcome): Decide {
  return node => (isValue(node, value) ? 'harmless' : outcome);
}

export function ignored(type: string, doc: string, dialects?: readonly string[]): Field {
  return { outcome: 'ignored', type, default: 'none', doc, ...(dialects && { dialects }) };
}

export function refused(type: string, doc: string, dialects?: readonly string[]): Field {
  return {
    outcome: 'refused',
    type,
    default: 'none',
    doc,
    ...(dialects && { dialects }),
    decide: node => (isEmpty(node) ? 'harmless' : 'refused'),
  };
}

function isEmpty(node: Node): boolean {
  return (node.kind === 'list' && node.items.length === 0) || (node.kind === 'map' && node.entries.length === 0);
}
