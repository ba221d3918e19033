import { Composer, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { ErrorCode, ParsedNode, YAMLMap, YAMLSeq } from 'yaml';
import type { Range } from '../source.ts';
import { refusedInText, refusedInValue, characterName } from './characters.ts';
import type { Report } from './complaint.ts';
import type { ListNode, MapEntry, MapNode, Node, ScalarNode } from './node.ts';
import { MAX_ENTRIES, MAX_VALUE, readPlainDocument } from './plain-document.ts';
import { readTokens } from './tokens.ts';
import type { Budget } from './tokens.ts';

/** Duplicate keys are found here, with places and without comparing every key with every other. */
const OPTIONS = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const;

/**
 * Reads one document of a text. Undefined = it is no YAML or may not be read, and that has been reported; the first
 * fault of syntax only, since those that follow mostly come of it.
 */
export function parseDocument(text: string, range: Range, budget: Budget, report: Report): Node | undefined {
  return readPlainDocument(text, range) ?? parseYaml(text, range, budget, report);
}

/** As parseDocument, whatever the document looks like. */
export function parseYaml(text: string, range: Range, budget: Budget, report: Report): Node | undefined {
  const refused = refusedInText(text, range.start, range.end);
  if (refused !== -1) {
    report({
      name: 'CharacterRefused',
      at: { start: refused, end: refused + 1 },
      must: 'must hold characters only that can be seen',
      found: `but has ${characterName(text, refused)}`,
      fix: 'delete the character',
    });
    return undefined;
  }
  let features = 0;
  const tokens = readTokens(text, range, budget, complaint => {
    features++;
    report(complaint);
  });
  if (tokens === undefined) return undefined;
  const [document, second] = [...new Composer(OPTIONS).compose(tokens, true, range.end - range.start)];
  const [error] = document?.errors ?? [];
  if (document === undefined || error !== undefined) {
    // A tag or alias that could not be resolved is reported already, as what it is.
    if (features === 0) reportSyntax(text, range, error?.pos[0] ?? 0, error?.code, error?.message ?? '', report);
    return undefined;
  }
  if (second !== undefined) {
    reportSyntax(text, range, second.range[0], 'MULTIPLE_DOCS', 'A second document begins here', report);
    return undefined;
  }
  return new Conversion(text, range.start, report).node(document.contents, range);
}

const SYNTAX_FIXES: Partial<Record<ErrorCode, string>> = {
  MISSING_CHAR: 'close the quote or bracket, or put a text with special characters into quotes',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'line it up with the entries around it, and close every bracket and quote',
  MULTIPLE_DOCS: 'write `---` on a line of its own between documents',
  MULTILINE_IMPLICIT_KEY: 'write each field as `name: value`, with a blank behind the colon',
  BLOCK_AS_IMPLICIT_KEY: 'write one `name: value` a line, and put a value that holds a colon and a blank into quotes',
  BAD_SCALAR_START: 'put the value into quotes',
  BAD_DQ_ESCAPE: "write the text in single quotes, where '\\' means itself",
};

function reportSyntax(
  text: string,
  range: Range,
  position: number,
  code: ErrorCode | undefined,
  message: string,
  report: Report,
): void {
  const start = Math.min(range.start + position, text.length);
  const [said = ''] = message.split('\n');
  report({
    name: 'SyntaxWrong',
    at: { start, end: start },
    must: 'must be YAML',
    found: said === '' ? '' : `but: ${said.slice(0, 120)}`,
    fix: (code && SYNTAX_FIXES[code]) ?? 'put a text with special characters into quotes',
  });
}

/** Turns the library's nodes into ours and reports what YAML allows but an annotation does not. */
class Conversion {
  readonly #text: string;
  readonly #base: number;
  readonly #report: Report;

  constructor(text: string, base: number, report: Report) {
    this.#text = text;
    this.#base = base;
    this.#report = report;
  }

  node(node: ParsedNode | null, near: Range): Node {
    if (node === null) return emptyAt(near.end);
    const at = { start: this.#base + node.range[0], end: this.#base + node.range[1] };
    if (isMap(node)) return this.#map(node, at);
    if (isSeq(node)) return this.#list(node, at);
    if (isAlias(node) || !isScalar(node)) return { kind: 'refused', at };
    return this.#scalar(node.value, node.source, node.type === 'PLAIN', at);
  }

  #map(map: YAMLMap.Parsed, at: Range): Node {
    if (this.#tooMany(map.items.length, at)) return { kind: 'refused', at };
    const entries: MapEntry[] = [];
    const seen = new Map<string, Range>();
    for (const pair of map.items) {
      const entry = this.#entry(pair.key, pair.value, at);
      if (entry === undefined) continue;
      const first = seen.get(entry.key);
      if (first === undefined) {
        seen.set(entry.key, entry.keyAt);
        entries.push(entry);
      } else {
        this.#report({
          name: 'DuplicateKey',
          at: entry.keyAt,
          must: 'must hold each key once',
          found: `but has \`${entry.key}\` twice`,
          fix: 'delete one of the two',
          related: [{ at: first, message: 'first written here' }],
        });
      }
    }
    // A map without brackets ends with its last value, not with the comments behind it.
    const end = map.flow === true ? undefined : entries.at(-1)?.value.at.end;
    return { kind: 'map', entries, at: { start: at.start, end: end ?? at.end } } satisfies MapNode;
  }

  #entry(keyNode: ParsedNode | null, valueNode: ParsedNode | null, map: Range): MapEntry | undefined {
    const key = this.node(keyNode, { start: map.start, end: map.start });
    const value = this.node(valueNode, key.at);
    if (key.kind === 'refused') return undefined;
    if (key.kind !== 'scalar' || typeof key.value !== 'string') {
      this.#report({
        name: 'KeyNotAString',
        at: key.at,
        must: 'must have words as keys',
        found: key.kind === 'scalar' ? `but has '${key.source}'` : `but has a ${key.kind}`,
        fix: 'put the key into quotes, if it is meant',
      });
      return undefined;
    }
    if (key.value === '<<' && key.plain) {
      this.#report({
        name: 'YamlFeatureRefused',
        at: key.at,
        must: 'must hold no merge key',
        found: "but has '<<'",
        fix: 'write the fields themselves',
      });
      return undefined;
    }
    return { key: key.value, keyAt: key.at, value };
  }

  #list(list: YAMLSeq.Parsed, at: Range): Node {
    if (this.#tooMany(list.items.length, at)) return { kind: 'refused', at };
    const items = (list.items as (ParsedNode | null)[]).map(item =>
      this.node(item, { start: at.start, end: at.start }),
    );
    return { kind: 'list', items, at } satisfies ListNode;
  }

  #tooMany(count: number, at: Range): boolean {
    if (count <= MAX_ENTRIES) return false;
    this.#report({
      name: 'TooLong',
      at,
      must: `must have at most ${MAX_ENTRIES} entries`,
      found: `but has ${count}`,
      fix: 'leave some out',
    });
    return true;
  }

  #scalar(value: unknown, source: string | undefined, plain: boolean, at: Range): Node {
    if (typeof value !== 'string') {
      const typed = typeof value === 'number' || typeof value === 'boolean' ? value : null;
      const written = source ?? String(value);
      return { kind: 'scalar', value: typed, source: written, plain: true, at, origin: at.start } satisfies ScalarNode;
    }
    if (value.length > MAX_VALUE) {
      this.#report({
        name: 'TooLong',
        at,
        must: `must have at most ${MAX_VALUE} characters`,
        found: `but has ${value.length}`,
        fix: 'shorten it',
      });
      return { kind: 'refused', at };
    }
    const origin = this.#originOf(value, at);
    const refused = refusedInValue(value);
    if (refused !== -1) {
      const start = origin === undefined ? at.start : origin + refused;
      this.#report({
        name: 'CharacterRefused',
        at: { start, end: origin === undefined ? at.end : start + 1 },
        must: 'must be written in one line, with characters only that can be seen',
        found: `but has ${characterName(value, refused)}`,
        fix: 'delete the character, and write the value behind its key without `|` or `>`',
      });
      return { kind: 'refused', at };
    }
    return { kind: 'scalar', value, source: value, plain, at, ...(origin !== undefined && { origin }) };
  }

  /** A quoted or block scalar without escapes and folds stands in the text as it is, behind its quote or header. */
  #originOf(value: string, at: Range): number | undefined {
    const found = this.#text.slice(at.start, at.end).indexOf(value);
    return found === -1 ? undefined : at.start + found;
  }
}

function emptyAt(offset: number): ScalarNode {
  return { kind: 'scalar', value: null, source: '', plain: true, at: { start: offset, end: offset } };
}
