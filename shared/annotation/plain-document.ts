import type { Range } from '../source.ts';
import type { ListNode, MapEntry, MapNode, Node, ScalarNode } from './node.ts';

/**
 * Most documents are a few lines of `name: value`. Those are read here, a hundred times as fast as by the YAML library;
 * everything that is not plainly so is left to it. What is read here is read exactly as the library reads it, which a
 * test holds for random texts.
 */

/** Longer documents are not worth a second way of reading them. */
const MAX_LENGTH = 4096;
/** Of one list or map. */
export const MAX_ENTRIES = 64;
/** Characters of one value. */
export const MAX_VALUE = 1024;

const LINE_END = String.raw`[ ]*(?:[ ]#[ -~]*)?(?:\r?\n|$)`;
const SKIPPED = new RegExp(String.raw`(?:[ ]*(?:#[ -~]*)?\r?\n|[ ]*#[ -~]*$)`, 'y');
/** A word that YAML takes for text. */
const WORD = String.raw`((?!(?:null|true|false):)[A-Za-z_][A-Za-z0-9_-]*)`;
const KEY = new RegExp(`${WORD}:[ ]+`, 'iy');
/** In block context commas are letters like others; a colon is one before a letter. */
const BLOCK_PLAIN = new RegExp(
  String.raw`((?:[A-Za-z0-9/._](?:[A-Za-z0-9/._%=,;+@$()-]|:(?=[!-~]))*))${LINE_END}`,
  'y',
);
const QUOTED = new RegExp(String.raw`(?:"([ !#-[\]-~]*)"|'([ -&(-~]*)')`, 'y');
const FLOW_PLAIN = /[A-Za-z0-9/._](?:[A-Za-z0-9/._%=;+@$()-])*/y;
const BLANKS = /[ ]*/y;
const COMMA = /[ ]*,[ ]*/y;
const END = new RegExp(LINE_END, 'y');

/** The document, or undefined if the library has to read it. Nothing is reported: what is read here has no fault. */
export function readPlainDocument(text: string, range: Range): MapNode | undefined {
  if (range.end - range.start > MAX_LENGTH) return undefined;
  return new PlainReader(text.slice(range.start, range.end), range.start).document();
}

class PlainReader {
  readonly #text: string;
  readonly #base: number;
  #at = 0;

  constructor(text: string, base: number) {
    this.#text = text;
    this.#base = base;
  }

  document(): MapNode | undefined {
    const entries: MapEntry[] = [];
    const keys = new Set<string>();
    while (this.#at < this.#text.length) {
      if (this.#take(SKIPPED) !== undefined) continue;
      const start = this.#at;
      const key = this.#take(KEY)?.[1];
      const value = key === undefined ? undefined : this.#value();
      if (key === undefined || value === undefined || keys.has(key) || entries.length === MAX_ENTRIES) return undefined;
      keys.add(key);
      entries.push({ key, keyAt: this.#range(start, start + key.length), value });
    }
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return undefined;
    return { kind: 'map', entries, at: { start: first.keyAt.start, end: last.value.at.end } };
  }

  /** A value and the end of its line. */
  #value(): Node | undefined {
    const start = this.#at;
    const plain = this.#take(BLOCK_PLAIN)?.[1];
    if (plain !== undefined) return this.#plain(plain, start);
    const node = this.#quoted() ?? this.#list() ?? this.#map();
    return node !== undefined && this.#take(END) !== undefined ? node : undefined;
  }

  #quoted(): ScalarNode | undefined {
    const start = this.#at;
    const match = this.#take(QUOTED);
    const value = match?.[1] ?? match?.[2];
    if (value === undefined || value.length > MAX_VALUE) return undefined;
    const origin = this.#base + start + (value === '' ? 0 : 1);
    return { kind: 'scalar', value, source: value, plain: false, at: this.#range(start, this.#at), origin };
  }

  #flowScalar(): ScalarNode | undefined {
    const start = this.#at;
    const plain = this.#take(FLOW_PLAIN)?.[0];
    return plain === undefined ? this.#quoted() : this.#plain(plain, start);
  }

  #list(): ListNode | undefined {
    const start = this.#at;
    const items = this.#between('[', ']', () => this.#flowScalar());
    return items && { kind: 'list', items, at: this.#range(start, this.#at) };
  }

  #map(): MapNode | undefined {
    const start = this.#at;
    const keys = new Set<string>();
    const entries = this.#between('{', '}', (): MapEntry | undefined => {
      const from = this.#at;
      const key = this.#take(KEY)?.[1];
      const value = key === undefined ? undefined : this.#flowScalar();
      if (key === undefined || value === undefined || keys.has(key)) return undefined;
      keys.add(key);
      return { key, keyAt: this.#range(from, from + key.length), value };
    });
    return entries && { kind: 'map', entries, at: this.#range(start, this.#at) };
  }

  /** Items between brackets, with commas between them; none, or undefined if one of them is not plain. */
  #between<T>(open: string, close: string, item: () => T | undefined): T[] | undefined {
    if (this.#text[this.#at] !== open) return undefined;
    this.#at++;
    this.#take(BLANKS);
    const items: T[] = [];
    while (this.#text[this.#at] !== close) {
      if (items.length > 0 && this.#take(COMMA) === undefined) return undefined;
      const one = item();
      if (one === undefined || items.length === MAX_ENTRIES) return undefined;
      items.push(one);
      this.#take(BLANKS);
    }
    this.#at++;
    return items;
  }

  /** Undefined = its type is the library's to say. */
  #plain(source: string, start: number): ScalarNode | undefined {
    const value = typed(source);
    if (value === undefined || source.length > MAX_VALUE) return undefined;
    const at = this.#range(start, start + source.length);
    return { kind: 'scalar', value, source, plain: true, at, origin: at.start };
  }

  #range(start: number, end: number): Range {
    return { start: this.#base + start, end: this.#base + end };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}

/** What the core schema of YAML 1.2 makes of it, in the plain cases. */
function typed(source: string): string | number | boolean | undefined {
  if (/^(?:0|[1-9]\d{0,14})$/.test(source)) return Number(source);
  if (source === 'true' || source === 'false') return source === 'true';
  const special = /^(?:null|true|false)$/i.test(source) || /^[.\d][\d.eExXoa-f+-]*$|^\.(?:inf|nan)$/i.test(source);
  return special ? undefined : source;
}
