import { Document, isAlias, isMap, isNode, isPair, isScalar, parseDocument, visit, YAMLMap } from 'yaml';
import type { Node, Pair } from 'yaml';
import type { Range } from '../../shared/source.ts';
import type { FilePlace } from '../manifests.ts';
import type { AmbassadorDocument } from './ambassador-document.ts';

/** What is different from what was written, beside the form. */
export interface Edits {
  readonly without: readonly string[];
  readonly added: Readonly<Record<string, unknown>>;
}

/** A document as it stands in an annotation of a Deployment. */
export interface FlatText {
  /** Ends with a line end. */
  readonly text: string;
  /** Where a range of the text was written before. */
  placeOf(range: Range, of?: 'key' | 'value'): FilePlace;
}

/** Words that a reader of YAML 1.1 takes for something else are quoted, as the annotation asks for. */
const MADE = { compat: 'yaml-1.1' } as const;
const PRINTED = { lineWidth: 0, flowCollectionPadding: false } as const;

/** As it was written where nothing has to change; else in the same order and with the same comments. */
export function flatText(document: AmbassadorDocument, edits: Edits): FlatText {
  const isChanged = edits.without.length > 0 || Object.keys(edits.added).length > 0;
  if (document.text !== undefined && !isChanged) {
    return { text: document.text.replace(/\n*$/, '\n'), placeOf: range => document.placeOfRange(range) };
  }
  const flat = document.isNested ? flattened(document) : plainWhereLinked(document.written.clone());
  const map = flat.contents as YAMLMap;
  for (const field of edits.without) map.delete(field);
  for (const [field, value] of Object.entries(edits.added)) map.set(flat.createNode(field), flat.createNode(value));
  const text = flat.toString(PRINTED);
  const reread = parseDocument(text);
  return {
    text,
    placeOf(range) {
      const { path, of } = fieldAt(reread, range.start);
      return document.placeOfField(path, of);
    },
  };
}

/** The form of the custom resource without its `metadata` and `spec`. */
function flattened({ written, apiVersion, ref }: AmbassadorDocument): Document {
  const { contents } = plainWhereLinked(written.clone());
  const flat = new Document({ apiVersion: apiVersion.replace(/^x\./, ''), kind: ref.kind, name: ref.name }, MADE);
  const map = flat.contents as unknown as YAMLMap<Node, Node | null>;
  const root = contents as YAMLMap<Node, Node | null>;
  const spec = root.get('spec', true) as Node | undefined;
  const fields = isMap(spec) ? spec : new YAMLMap();
  const [first] = fields.items as readonly Pair<Node, Node | null>[];
  if (first !== undefined && fields.commentBefore) first.key.commentBefore = fields.commentBefore;
  map.items.push(...(fields.items as Pair<Node, Node | null>[]));
  // Beside `spec` there may be fields that are flat already.
  map.items.push(...root.items.filter(({ key }) => isScalar(key) && !HEAD.has(String(key.value))));
  const [apiVersionPair] = map.items;
  if (apiVersionPair) apiVersionPair.key.commentBefore = firstComment(root) ?? null;
  return flat;
}

/** What stands in front of the first field. */
function firstComment({ commentBefore, items: [first] }: YAMLMap<Node, Node | null>): string | null | undefined {
  return first?.key.commentBefore ?? commentBefore;
}

const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status', 'name']);

/** An annotation has no anchors; flow style and JSON's quotes are no way to write a document by hand. */
function plainWhereLinked(document: Document): Document {
  let isPlain = isMap(document.contents) && document.contents.flow !== true;
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor !== undefined) isPlain = false;
      if (isScalar(node) && typeof node.value === 'symbol') isPlain = false;
      // Words of YAML 1.1 such as `yes` are texts to those who read 1.2.
      if (isScalar(node) && typeof node.value === 'boolean') node.source = String(node.value);
    },
  });
  return isPlain ? document : new Document(document.toJS({ maxAliasCount: 1000 }), MADE);
}

interface FieldAt {
  readonly path: readonly (string | number)[];
  readonly of: 'key' | 'value';
}

/** The innermost field that an offset is in. */
function fieldAt(document: Document, offset: number): FieldAt {
  let found: FieldAt = { path: [], of: 'value' };
  visit(document, {
    Node(of, node, parents) {
      const [start, end] = node.range ?? [0, 0];
      if (offset < start || offset > end) return;
      const path = pathOf([...parents, node]);
      if (path.length >= found.path.length) found = { path, of: of === 'key' ? 'key' : 'value' };
    },
  });
  return found;
}

function pathOf(parents: readonly unknown[]): readonly (string | number)[] {
  return parents.flatMap((parent, index): readonly (string | number)[] => {
    if (isPair(parent)) return isScalar(parent.key) ? [String(parent.key.value)] : [];
    const next = parents[index + 1];
    if (isMap(parent) || !isNode(parent) || !('items' in parent)) return [];
    return [(parent.items as readonly unknown[]).indexOf(next)];
  });
}
