import { Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, Scalar, visit } from 'yaml';
import type { Node, ScalarTag, YAMLMap } from 'yaml';
import type { Site } from '../shared/findings/finding.ts';
import type { Position, Range } from '../shared/source.ts';
import { Failure } from './failure.ts';
import type { SourceFile } from './files.ts';
import { indexLines } from './lines.ts';
import type { Lines } from './lines.ts';
import { rangeInSource } from './scalar-places.ts';

/** A Kubernetes object, read from a file, that can say where each of its fields was written. */
export interface Manifest {
  readonly file: string;
  readonly lines: Lines;
  readonly value: Readonly<Record<string, unknown>> & { readonly apiVersion: string; readonly kind: string };
  /** The place itself, or that of the nearest field around it. */
  placeOf(site: Site, of?: 'key' | 'value'): FilePlace;
  /** A document of its own to be changed, with its comments; without them where it stands on anchors. */
  copy(): Document;
}

/** A range of a file; lines and columns count from 1, columns in UTF-16 units, `end` is exclusive. */
export interface FilePlace {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** kubectl's parser reads YAML 1.1's words for booleans; the rest of YAML 1.1 is not its way. */
const BOOLEAN_WORDS: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:[Yy]es|YES|[Oo]n|ON|[Nn]o|NO|[Oo]ff|OFF)$/,
  resolve: word => new Scalar(/^(?:y|on)/i.test(word)),
};

/** All Kubernetes objects of a file, `kind: List` opened; other documents are left out. Throws a Failure for bad YAML. */
export function readManifests(source: SourceFile): readonly Manifest[] {
  try {
    return manifestsOf(source);
  } catch (error) {
    if (error instanceof Failure) throw error;
    // The parser gives up by exceptions of its own on too many aliases and on too deep a nesting.
    throw new Failure(`${source.name}: must be YAML: ${firstClause((error as Error).message)}`);
  }
}

function manifestsOf({ name, text }: SourceFile): readonly Manifest[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter,
    merge: true,
    // Else the parser has Node print warnings of its own, with pieces of the file.
    logLevel: 'error',
    customTags: tags => [BOOLEAN_WORDS, ...tags],
  });
  const lines = indexLines(text);
  if (!Array.isArray(documents)) return [];

  const mistakes = documents.flatMap(document => document.errors);
  if (mistakes.length > 0) {
    throw new Failure(
      mistakes
        .map(({ pos, message }) => {
          const { line, column } = lines.positionAt(pos[0]);
          return `${name}:${line}:${column}: must be YAML: ${firstClause(message)}`;
        })
        .join('\n'),
    );
  }
  return documents.flatMap(document =>
    document.contents === null ? [] : opened({ file: name, text, lines, document }, document.contents),
  );
}

interface Origin {
  readonly file: string;
  readonly text: string;
  readonly lines: Lines;
  readonly document: Document;
}

function opened(origin: Origin, written: Node): readonly Manifest[] {
  const node = target(origin.document, written);
  if (!isMap(node)) return [];
  const value = node.toJS(origin.document, { maxAliasCount: 1000 }) as Record<string, unknown>;
  if (!isKubernetesObject(value)) return [];
  if (value.kind !== 'List') return [manifest(origin, node, value)];

  const items = nodeAt(origin.document, node, ['items']);
  return items.rest.length === 0 && isSeq(items.node)
    ? items.node.items.flatMap(item => opened(origin, item as Node))
    : [];
}

function isKubernetesObject(value: Record<string, unknown>): value is Manifest['value'] {
  return typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}

function manifest(origin: Origin, root: YAMLMap, value: Manifest['value']): Manifest {
  const { file, lines } = origin;
  return {
    file,
    lines,
    value,
    placeOf(site, of = 'value') {
      const { start, end } = rangeOf(site, of, origin, root);
      return { file, start: lines.positionAt(start), end: lines.positionAt(end) };
    },
    copy: () => copyOf(origin.document, root, value),
  };
}

function copyOf(document: Document, root: YAMLMap, value: Manifest['value']): Document {
  if (leansOnOthers(root)) return new Document(value);
  if (root === document.contents) return document.clone();
  const copy = document.clone();
  copy.contents = root.clone() as Node;
  copy.commentBefore = null;
  copy.comment = null;
  return copy;
}

/** Whether it takes something over that is written elsewhere, or hands it out. */
function leansOnOthers(root: YAMLMap): boolean {
  let leans = false;
  visit(root, {
    Alias: () => ((leans = true), visit.BREAK),
    Value: (_, { anchor }) => (anchor === undefined ? undefined : ((leans = true), visit.BREAK)),
  });
  return leans;
}

function rangeOf(site: Site, of: 'key' | 'value', { text, document }: Origin, root: YAMLMap): Range {
  const path = site.in === 'field' ? site.path : ['metadata', 'annotations', site.key];
  const { node, key, rest } = nodeAt(document, root, path);
  if (rest.length > 0) return startOf(node);
  if (site.in === 'annotation') {
    const isText = isScalar<string>(node) && typeof node.value === 'string';
    return isText ? rangeInSource(text, node, site.range) : startOf(node);
  }
  return whole(of === 'key' && key !== undefined ? key : node);
}

interface Found {
  /** The node at the path, or its nearest ancestor. */
  readonly node: Node;
  /** The key that `node` is the value of. */
  readonly key?: Node;
  /** What of the path is not there. */
  readonly rest: readonly (string | number)[];
}

function nodeAt(document: Document, root: Node, path: readonly (string | number)[]): Found {
  const [step, ...rest] = path;
  if (step === undefined) return { node: root, rest: [] };

  if (isMap(root)) {
    const pair = root.items.find(
      ({ key }) => isScalar(key) && typeof key.value !== 'symbol' && String(key.value) === String(step),
    );
    if (pair !== undefined) {
      const key = pair.key as Node;
      const value = target(document, pair.value as Node | null) ?? key;
      return rest.length === 0 ? { node: value, key, rest } : nodeAt(document, value, rest);
    }
    for (const source of merged(document, root)) {
      const found = nodeAt(document, source, path);
      if (found.node !== source) return found;
    }
  }
  const item = isSeq(root) && typeof step === 'number' ? target(document, root.items[step] as Node | null) : undefined;
  return item === undefined ? { node: root, rest: path } : nodeAt(document, item, rest);
}

/** What `<<` brings into a map, the strongest first. */
function merged(document: Document, map: YAMLMap): readonly Node[] {
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || typeof key.value !== 'symbol') return [];
    const source = target(document, value as Node | null);
    const sources = isSeq(source) ? source.items.map(item => target(document, item as Node)) : [source];
    return sources.filter(each => isMap(each));
  });
}

/** What an alias stands for. */
function target(document: Document, node: Node | null | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : (node ?? undefined);
}

/** Of a list or a map only the start: it may be pages long. */
function whole(node: Node): Range {
  if (!isScalar(node)) return startOf(node);
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}

function startOf(node: Node): Range {
  const [start, end] = node.range ?? [0, 0];
  return { start, end: Math.min(start + 1, end) };
}

/** The parser's messages end in a picture of the place, which we draw ourselves. */
function firstClause(message: string): string {
  return message.split(/ at line \d+|:\n|\n/)[0] ?? message;
}
