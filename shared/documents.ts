import type { Complaint, Report } from './annotation/complaint.ts';
import { entryOf } from './annotation/node.ts';
import type { MapNode } from './annotation/node.ts';
import { parseDocument } from './annotation/parse.ts';
import { splitDocuments } from './annotation/split.ts';
import { MAX_TOKENS } from './annotation/tokens.ts';
import { AMBASSADOR_KINDS, KINDS, OWN_DIALECT } from './fields/dialects.ts';
import { described, quoted, startOf } from './fields/field.ts';
import type { Values } from './fields/field.ts';
import { INFERENCE_SERVICE } from './fields/inference-service.ts';
import { reportPatterns } from './fields/mapping-patterns.ts';
import { MAPPING } from './fields/mapping.ts';
import type { MappingValues } from './fields/mapping.ts';
import { readFields } from './fields/read-fields.ts';
import type { Range } from './source.ts';
import { nearestName } from './values/nearest.ts';

/** Of Kubernetes, for all annotations of an object together. */
const MAX_BYTES = 262_144;
const MAX_DOCUMENTS = 64;

export type InferenceServiceValues = Values<typeof INFERENCE_SERVICE.fields>;

export interface InferenceServiceDocument {
  readonly kind: 'InferenceService';
  readonly at: Range;
  readonly values: InferenceServiceValues;
  /** Fields that are written, also those whose value is wrong and has been reported. */
  readonly given: ReadonlySet<string>;
}

export interface MappingDocument {
  readonly kind: 'Mapping';
  readonly at: Range;
  readonly values: MappingValues;
  readonly given: ReadonlySet<string>;
}

/** What a text says, whatever Deployment it is on. */
export interface Documents {
  readonly service?: InferenceServiceDocument;
  readonly mappings: readonly MappingDocument[];
  /** What is wrong with the text itself, in document order. */
  readonly complaints: readonly Complaint[];
  /** Whether a document that could not be read seems to be the InferenceService. */
  readonly serviceUnread: boolean;
}

/** Reads the text of an annotation. Never throws; takes less than 200 ms for any text. */
export function readDocuments(text: string): Documents {
  const complaints: Complaint[] = [];
  const report: Report = complaint => complaints.push(complaint);
  const ranges = slices(text, report);
  const services: InferenceServiceDocument[] = [];
  const mappings: MappingDocument[] = [];
  const budget = { tokens: MAX_TOKENS };
  let serviceUnread = false;
  for (const range of ranges) {
    const root = budget.tokens >= 0 ? parseDocument(text, range, budget, report) : undefined;
    const document = root === undefined ? undefined : readDocument(root, report);
    if (document === undefined) serviceUnread ||= seemsInferenceService(text.slice(range.start, range.end));
    else if (document.kind === 'Mapping') mappings.push(document);
    else services.push(document);
  }
  const [service, ...others] = services;
  for (const { at } of others) reportSecondService(at, service?.at ?? at, report);
  reportRepeatedNames(mappings, report);
  reportPatterns(
    mappings.map(({ values }) => values),
    report,
  );
  return { ...(service && { service }), mappings, complaints, serviceUnread };
}

/** Where the documents are, or nothing if the text is too long to be looked at. */
function slices(text: string, report: Report): readonly Range[] {
  const bytes = utf8Length(text);
  if (bytes > MAX_BYTES) {
    report({
      name: 'AnnotationTooLarge',
      at: { start: 0, end: 0 },
      must: `must be at most ${MAX_BYTES} bytes long`,
      found: `but has ${bytes}`,
      fix: 'spread the documents over several Deployments',
    });
    return [];
  }
  const ranges = splitDocuments(text);
  const [first] = ranges;
  const beyond = ranges[MAX_DOCUMENTS];
  if (first === undefined) {
    report({
      name: 'NoDocument',
      at: { start: 0, end: 0 },
      must: 'must hold at least one document',
      found: 'but is empty',
      fix: 'write an InferenceService or a Mapping, or delete the annotation',
    });
  } else if (beyond !== undefined) {
    report({
      name: 'TooManyDocuments',
      at: { start: beyond.start, end: beyond.start },
      must: `must hold at most ${MAX_DOCUMENTS} documents`,
      found: `but holds ${ranges.length}`,
      fix: 'spread the documents over several Deployments',
    });
    return [];
  }
  return ranges;
}

/** Without making the bytes. A half of a surrogate pair counts three, as its replacement does. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff && text.charCodeAt(i + 1) >> 10 === 0x37) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

type Root = NonNullable<ReturnType<typeof parseDocument>>;

function readDocument(root: Root, report: Report): InferenceServiceDocument | MappingDocument | undefined {
  if (root.kind === 'refused') return undefined;
  if (root.kind !== 'map') {
    report({
      name: 'NotAMap',
      at: root.at,
      must: 'must be a document of fields',
      found: described(root),
      fix: 'begin with `apiVersion: waymark.dev/v1`',
    });
    return undefined;
  }
  const kind = kindOf(root, report);
  if (kind === undefined) return undefined;
  const dialect = dialectOf(root, KINDS[kind], report);
  if (isNested(root, report)) return undefined;
  const place = { map: root, dialect, prefix: '', report };
  const given = new Set(root.entries.map(({ key }) => key));
  return kind === 'Mapping'
    ? { kind, at: root.at, values: readFields(MAPPING, place), given }
    : { kind, at: root.at, values: readFields(INFERENCE_SERVICE, place), given };
}

function kindOf(map: MapNode, report: Report): keyof typeof KINDS | undefined {
  const value = headerValue(map, 'kind');
  if (value === 'InferenceService' || value === 'Mapping') return value;
  const entry = entryOf(map, 'kind');
  const elsewhere = Object.hasOwn(AMBASSADOR_KINDS, value ?? '') ? AMBASSADOR_KINDS[value ?? ''] : undefined;
  const nearest = nearestName(value ?? '', Object.keys(KINDS)) ?? guessedKind(map);
  report({
    name: 'KindUnknown',
    at: entry?.value.at ?? startOf(map),
    path: 'kind',
    must: entry === undefined ? 'must be given' : "must be 'InferenceService' or 'Mapping'",
    found: entry === undefined ? '' : described(entry.value),
    fix: elsewhere ?? `write \`kind: ${nearest}\``,
  });
  return undefined;
}

function guessedKind(map: MapNode): string {
  return entryOf(map, 'prefix') === undefined ? 'InferenceService' : 'Mapping';
}

/** The apiVersion; where it is wrong, and that is reported, the one that was likely meant. */
function dialectOf(map: MapNode, dialects: readonly string[], report: Report): string {
  const value = headerValue(map, 'apiVersion');
  if (value !== undefined && dialects.includes(value)) return value;
  // Ambassador reads the versions that came later under its old name too.
  const renamed = value?.replace(/^ambassador\//, 'getambassador.io/');
  if (renamed !== undefined && dialects.includes(renamed)) return renamed;
  const entry = entryOf(map, 'apiVersion');
  const meant = dialectMeant(value ?? '', dialects);
  report({
    name: 'ApiVersionUnknown',
    at: entry?.value.at ?? startOf(map),
    path: 'apiVersion',
    must: entry === undefined ? 'must be given' : `must be one of ${dialects.map(quoted).join(', ')}`,
    found: entry === undefined ? '' : described(entry.value),
    fix: `write \`apiVersion: ${meant}\``,
  });
  return meant;
}

/** Ambassador took `ambassador/` and `getambassador.io/` for the same: there the version says what was meant. */
function dialectMeant(value: string, dialects: readonly string[]): string {
  const sameVersion = dialects.filter(dialect => versionOf(dialect) === versionOf(value));
  const [only, second] = sameVersion;
  if (only !== undefined && second === undefined) return only;
  return nearestName(value, sameVersion) ?? nearestName(value, dialects) ?? OWN_DIALECT;
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
}

function headerValue(map: MapNode, key: string): string | undefined {
  const value = entryOf(map, key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
}

function isNested(map: MapNode, report: Report): boolean {
  const nested = map.entries.find(({ key }) => key === 'metadata' || key === 'spec');
  if (nested === undefined) return false;
  report({
    name: 'NestedForm',
    at: nested.keyAt,
    path: nested.key,
    must: 'must not be there: in an annotation every field stands at the top',
    found: 'but has the form of the custom resource',
    fix: 'write `name`, and the fields of `spec`, beside `kind`',
  });
  return true;
}

/** For a document that is no YAML: what its author most likely took it for. */
function seemsInferenceService(text: string): boolean {
  return /^[ \t]*kind[ \t]*:[ \t]*["']?InferenceService/m.test(text);
}

function reportSecondService(at: Range, first: Range, report: Report): void {
  report({
    name: 'SeveralInferenceServices',
    at: { start: at.start, end: at.start },
    must: 'must be the only InferenceService of the Deployment',
    found: 'but is the second one',
    fix: 'put it on a Deployment of its own',
    related: [{ at: { start: first.start, end: first.start }, message: 'first written here' }],
  });
}

function reportRepeatedNames(mappings: readonly MappingDocument[], report: Report): void {
  const names = new Map<string, Range>();
  for (const { values } of mappings) {
    // Whoever runs several Ambassadors writes one route for each of them under one name.
    if (values.name === undefined || values.ambassador_id?.value === false) continue;
    const { value, at } = values.name;
    const first = names.get(value);
    if (first === undefined) {
      names.set(value, at);
      continue;
    }
    report({
      name: 'MappingRepeated',
      at,
      path: 'name',
      must: 'must be unique among the Mappings of the Deployment',
      found: `but is ${quoted(value)} twice`,
      fix: `write \`name: ${value}-2\``,
      related: [{ at: first, message: 'first written here' }],
    });
  }
}
