import { isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { AMBASSADOR_CONFIG } from '../../shared/annotation-keys.ts';
import { splitDocuments } from '../../shared/annotation/split.ts';
import { AMBASSADOR_KINDS } from '../../shared/fields/dialects.ts';
import { siteInAnnotation } from '../../shared/findings/finding.ts';
import type { ObjectRef } from '../../shared/findings/finding.ts';
import type { Range } from '../../shared/source.ts';
import type { FilePlace, Manifest } from '../manifests.ts';

export type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** One document of Ambassador's, be it an object of its own or a part of an annotation. */
export interface AmbassadorDocument {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  /** By their flat names. */
  readonly fields: Json;
  readonly labels: Readonly<Record<string, unknown>>;
  /** The Service or Ingress that it is annotated on. */
  readonly parent?: ObjectRef;
  /** The whole document as it is written, and whether its fields are under `spec`. */
  readonly written: Document;
  readonly isNested: boolean;
  /** Of a document that stands in an annotation as it can stand in another one. */
  readonly text?: string;
  /** Where it begins. */
  readonly place: FilePlace;
  /** Of a field by its flat path, or of the nearest one around it. */
  placeOfField(path: Path, of?: 'key' | 'value'): FilePlace;
  /** Of a range of `text`. */
  placeOfRange(range: Range): FilePlace;
}

/** An annotation of which Ambassador reads nothing, since a document in it is no YAML. */
export interface BrokenAnnotation {
  readonly parent: ObjectRef;
  readonly place: FilePlace;
  readonly message: string;
}

/** Groups of the custom resources; `x.` was that of early releases. */
const GROUP = /^(?:x\.)?getambassador\.io\//;
const KINDS: ReadonlySet<string> = new Set(['Mapping', ...Object.keys(AMBASSADOR_KINDS)]);
/** Of a document in an annotation, beside its fields. */
const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

export function isAmbassadorObject({ value: { apiVersion, kind } }: Manifest): boolean {
  return GROUP.test(apiVersion) && KINDS.has(kind);
}

/** The object itself, where it is one of Ambassador's. */
export function documentOf(manifest: Manifest, home: string): AmbassadorDocument {
  const { apiVersion, kind, metadata, spec } = manifest.value;
  const { name, namespace = home, labels } = recordOf(metadata);
  const ref = { kind, namespace: String(namespace), name: textOf(name) };
  const placeOfField = (path: Path, of?: 'key' | 'value') => manifest.placeOf({ in: 'field', path: nested(path) }, of);
  return {
    ref,
    apiVersion,
    fields: recordOf(spec),
    labels: recordOf(labels),
    written: manifest.copy(),
    isNested: true,
    place: manifest.placeOf({ in: 'field', path: [] }),
    placeOfField,
    placeOfRange: () => placeOfField([]),
  };
}

/** What the annotation of a Service or an Ingress holds; one document that is no YAML spoils all, as for Ambassador. */
export function annotatedOn(manifest: Manifest, home: string): readonly AmbassadorDocument[] | BrokenAnnotation {
  const { kind, metadata } = manifest.value;
  const { name, namespace = home, annotations } = recordOf(metadata);
  const parent = { kind, namespace: String(namespace), name: textOf(name) };
  const text = recordOf(annotations)[AMBASSADOR_CONFIG];
  if (typeof text !== 'string') return [];

  const documents: AmbassadorDocument[] = [];
  for (const { start, end } of splitDocuments(text)) {
    const place = ({ start: from, end: to }: Range) =>
      manifest.placeOf(siteInAnnotation(AMBASSADOR_CONFIG, text, { start: start + from, end: start + to }));
    const slice = text.slice(start, end);
    const written = parseDocument(slice, { logLevel: 'error', compat: 'yaml-1.1' });
    const [mistake] = written.errors;
    if (mistake !== undefined) {
      const [said = ''] = mistake.message.split(/ at line \d+|:\n|\n/);
      return { parent, place: place({ start: mistake.pos[0], end: mistake.pos[1] }), message: said };
    }
    documents.push(documentIn(slice, written, parent, place));
  }
  return documents;
}

function documentIn(
  slice: string,
  written: Document,
  parent: ObjectRef,
  placeOfRange: (range: Range) => FilePlace,
): AmbassadorDocument {
  const value = recordOf(written.toJS({ maxAliasCount: 1000 }));
  const { metadata, spec } = value;
  const head = { ...value, ...recordOf(metadata) };
  const own = Object.entries(value).filter(([key]) => !HEAD.has(key));
  const isNested = metadata !== undefined || spec !== undefined;
  const placeOfField = (path: Path, of?: 'key' | 'value') =>
    placeOfRange(rangeOfField(written, isNested ? nested(path) : path, of));
  return {
    ref: {
      kind: textOf(head['kind']),
      namespace: textOf(head['namespace']) || parent.namespace,
      name: textOf(head['name']),
    },
    apiVersion: textOf(value['apiVersion']),
    fields: { ...Object.fromEntries(own), ...recordOf(spec) },
    labels: recordOf(recordOf(metadata)['labels']),
    parent,
    written,
    isNested,
    ...(!isNested && !slice.includes('\r') && { text: slice }),
    place: placeOfField([]),
    placeOfField,
    placeOfRange,
  };
}

/** Where a flat field stands in the form of the custom resource. */
function nested([first, ...rest]: Path): Path {
  if (first === undefined) return [];
  if (first === 'apiVersion' || first === 'kind') return [first];
  if (first === 'metadata_labels') return ['metadata', 'labels', ...rest];
  return first === 'name' || first === 'namespace' ? ['metadata', first, ...rest] : ['spec', first, ...rest];
}

/** Of the field, or of the nearest one around it that is there; of a list or a map only the start. */
function rangeOfField(document: Document, path: Path, of?: 'key' | 'value'): Range {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node)) return path.length === 0 ? { start: 0, end: 1 } : rangeOfField(document, path.slice(0, -1));
  const [start, end] = (of === 'key' ? keyNode(document, path)?.range : undefined) ?? node.range ?? [0, 0];
  return { start, end: isScalar(node) || of === 'key' ? end : Math.min(start + 1, end) };
}

function keyNode(document: Document, path: Path): Node | undefined {
  const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(map) && map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  return pair ? (pair.key as Node) : undefined;
}

export function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
