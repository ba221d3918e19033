import type { Range } from '../source.ts';

/**
 * A document after YAML is done with it: plain values that know where they stand in the whole annotation. Maps are
 * lists of entries, so that no key of a user ever becomes a property of an object of ours.
 */
export type Node = ScalarNode | ListNode | MapNode | RefusedNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, for plain scalars; of quoted and block scalars the same as `value`. */
  readonly source: string;
  /** Without quotes, so that its type was YAML's guess. */
  readonly plain: boolean;
  readonly at: Range;
  /** Where the first character of the value stands, if the whole value stands there as it is. */
  readonly origin?: number;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly at: Range;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly at: Range;
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: Range;
  readonly value: Node;
}

/** What has been reported already; nobody looks inside. */
export interface RefusedNode {
  readonly kind: 'refused';
  readonly at: Range;
}

export function entryOf(map: MapNode, key: string): MapEntry | undefined {
  return map.entries.find(entry => entry.key === key);
}

/** Where a part of a scalar's text stands: exactly if that can be told, else the start of the scalar. */
export function rangeWithin(node: ScalarNode, start: number, end: number): Range {
  if (node.origin === undefined) return { start: node.at.start, end: node.at.start };
  return { start: node.origin + start, end: node.origin + end };
}
