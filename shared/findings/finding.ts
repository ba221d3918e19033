import { catalogueRow, codeOf } from './catalogue.ts';
import type { Code, FindingName } from './catalogue.ts';
import { positionAt } from '../source.ts';
import type { Position, Range } from '../source.ts';

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
  /** The annotation's key; of the platform's settings, the name of the file. */
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

/** What a caller says of a finding; the catalogue knows the rest. */
export interface FindingDetails {
  readonly object: ObjectRef;
  readonly site: Site;
  readonly path?: string;
  readonly must: string;
  readonly found?: string;
  readonly fix: string;
  readonly related?: readonly Related[];
}

/** Makes a finding of the catalogue's row with this name. */
export function finding(name: FindingName, details: FindingDetails): Finding {
  return { code: codeOf(name), path: '', found: '', related: [], ...details };
}

export function isError(one: Finding): boolean {
  return catalogueRow(one.code).severity === 'error';
}

/** Whether nothing at all may be built from the Deployment: an error of its own, not one about another object. */
export function stopsEverything(one: Finding): boolean {
  const row = catalogueRow(one.code);
  return row.severity === 'error' && row.stops !== 'named';
}

export function severityOf(one: Finding): Severity {
  return catalogueRow(one.code).severity;
}

/** The PascalCase name: Event reason, metric label, anchor in the documentation. */
export function nameOf(one: Finding): string {
  return catalogueRow(one.code).name;
}

export function siteInAnnotation(key: string, text: string, range: Range): AnnotationSite {
  return { in: 'annotation', key, range, start: positionAt(text, range.start), end: positionAt(text, range.end) };
}

export function fieldSite(...path: readonly (string | number)[]): FieldSite {
  return { in: 'field', path };
}

/** By object, then fields of the object before places in its annotation, then document order; otherwise as given. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      compareText(a.object.namespace, b.object.namespace) ||
      compareText(a.object.name, b.object.name) ||
      compareText(a.object.kind, b.object.kind) ||
      compareSites(a.site, b.site),
  );
}

function compareSites(a: Site, b: Site): number {
  if (a.in === 'field' || b.in === 'field') return Number(a.in !== 'field') - Number(b.in !== 'field');
  return compareText(a.key, b.key) || a.range.start - b.range.start || a.range.end - b.range.end;
}

/** By code units, never by locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
