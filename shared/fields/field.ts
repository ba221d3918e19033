import type { MapNode, Node } from '../annotation/node.ts';
import type { Report } from '../annotation/complaint.ts';
import type { Located, Range } from '../source.ts';

/** Turns a node into a value; undefined = it is none, and that has been reported. `path` names the field. */
export type Read<T> = (node: Node, path: string, report: Report) => T | undefined;

/** The same where dialects write a value in different ways. */
export type ReadInDialect<T> = (node: Node, path: string, report: Report, dialect: string) => T | undefined;

/**
 * What becomes of a field:
 *
 *   built    it is read and acted on
 *   later    Waymark will act on it one day; until then it is refused by name
 *   ignored  it has no effect here and changes nobody's requests: a warning
 *   refused  its effect cannot be had here, and dropping it could change who may call or what succeeds
 */
export type Outcome = 'built' | 'later' | 'ignored' | 'refused';

/** One row: what the reader does, what the documentation says and what is suggested all come from here. */
export interface Field<T = unknown> {
  readonly outcome: Outcome;
  /** In the words of the documentation: 'DNS label', 'whole number from 1'. */
  readonly type: string;
  /** As users would write it, or 'required'. */
  readonly default: string;
  /** One sentence without its full stop. For `ignored` and `refused`: why, to be read after 'since'. */
  readonly doc: string;
  /** What Istio is told, in Istio's words; for the documentation. */
  readonly becomes?: string;
  /** For `ignored` and `refused`: what to do; 'delete it' if absent. */
  readonly fix?: string;
  /** Dialects that know the field; absent = all. */
  readonly dialects?: readonly string[];
  readonly required?: true;
  /** Of built fields, and of others that may be given in a harmless way. */
  readonly read?: ReadInDialect<T>;
  /** Where the value decides the outcome; `harmless` says no more than what is true anyway. */
  readonly decide?: (node: Node) => Outcome | 'harmless';
}

export type FieldTable = Readonly<Record<string, Field>>;

/** The values of the built fields of a table that were given and are good. */
export type Values<T extends FieldTable> = {
  readonly [K in keyof T]?: Located<T[K] extends { readonly read: ReadInDialect<infer V> } ? V : never>;
};

/** The same without their places. */
export type PlainValues<T extends FieldTable> = {
  readonly [K in keyof T]?: T[K] extends { readonly read: ReadInDialect<infer V> } ? V : never;
};

export interface Schema<T extends FieldTable> {
  /** For sentences: 'InferenceService'. */
  readonly title: string;
  /** Fields that say what the document is and have been read before the others. */
  readonly header: readonly string[];
  readonly fields: T;
  /** Names that users bring from elsewhere, and what to write instead. */
  readonly synonyms: Readonly<Record<string, Synonym>>;
}

export interface Synonym {
  /** "is cube-studio's name" */
  readonly found: string;
  /** "write `metrics`" */
  readonly fix: string;
}

/** Where one map of fields is read. */
export interface Place {
  readonly map: MapNode;
  readonly dialect: string;
  /** In front of every path: 'replicas.'; empty at the top. */
  readonly prefix: string;
  readonly report: Report;
}

/** What was found in the place of a value, as a clause. */
export function described(node: Node): string {
  if (node.kind === 'list') return 'but is a list';
  if (node.kind === 'map') return 'but is a map';
  if (node.kind === 'refused' || node.value === null) return 'but is empty';
  if (typeof node.value === 'string') return `but is ${quoted(node.value)}`;
  return `but is the ${typeof node.value} ${clipped(node.source)}`;
}

/** A value inside a sentence: in single quotes, never longer than a line takes. */
export function quoted(text: string): string {
  return `'${clipped(text)}'`;
}

export function clipped(text: string): string {
  return text.length <= 64 ? text : `${Array.from(text.slice(0, 64)).slice(0, -1).join('')}…`;
}

/** For a document as a whole: its beginning. */
export function startOf(map: MapNode): Range {
  return { start: map.at.start, end: map.at.start };
}
