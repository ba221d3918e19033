import type { Position, Range } from '../source.ts';
import type { Code } from './catalogue.ts';

/** What is wrong with the user's input, or what he ought to know of it. Data, never thrown. */
export interface Finding {
  /** The row of the catalogue; fixes severity, name and documentation. */
  readonly code: Code;
  readonly object: ObjectRef;
  readonly site: Site;
  /** The field as the user knows it: `replicas.max`, `hosts[1]`, `metadata.name`; empty for a whole document. */
  readonly path: string;
  /** What must hold, as a clause: "must be one of 'prod', 'test', 'debug'". */
  readonly must: string;
  /** What was found, as a clause: "but is 'staging'"; empty where the rule says it all. */
  readonly found: string;
  /** The likeliest fix, imperative, in words that can be pasted: "write `environment: prod`". */
  readonly fix: string;
  /** The other places of a conflict, in document order. */
  readonly related: readonly Related[];
}

export type Severity = 'error' | 'warning';

export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A place inside the text of an annotation, or a field of the object itself. */
export type Site = AnnotationSite | FieldSite;

export interface AnnotationSite {
  readonly in: 'annotation';
  /** The annotation's key. */
  readonly key: string;
  readonly range: Range;
  /** The range in lines and columns of the annotation's own text, from 1:1. */
  readonly start: Position;
  readonly end: Position;
}

export interface FieldSite {
  readonly in: 'field';
  /** For example `['metadata', 'name']` or `['metadata', 'annotations', 'waymark.dev/confg']`. */
  readonly path: readonly (string | number)[];
}

export interface Related {
  readonly object: ObjectRef;
  readonly site: Site;
  /** A clause such as "first written here". */
  readonly message: string;
}
