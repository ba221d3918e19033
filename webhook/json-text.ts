import { isAscii, isUtf8 } from 'node:buffer';
import { isAskedFor } from './managed-fields.ts';

/**
 * A Deployment is about 20 levels deep inside its review, with the managed fields. Go's decoder, and so the API server,
 * would take 10 000; whatever walks the object by recursion would not.
 */
const MAX_DEPTH = 64;

export interface JsonText {
  /** Absent when the text is no JSON at all. */
  readonly value?: unknown;
  /** What is wrong, as a clause for the sentence "the body …"; absent when all is well. */
  readonly mistake?: string;
}

/**
 * Reads JSON as an enemy may have written it: encoding, depth, repeated keys and keys that reach prototypes are checked.
 * Where a mistake leaves a value that can be read, it is returned as well, so that its sender can be answered by name;
 * nothing else may be done with it.
 *
 * Entries of managed fields that nobody asks for are left out, and read as `null`: they are up to half of a review, and
 * cost as much to parse as all the rest. Of what they hold only encoding and depth are checked.
 */
export function readJson(body: Buffer): JsonText {
  if (body.length === 0) return { mistake: 'must be an AdmissionReview, but is empty' };
  const { omitted, tooDeep, members } = measure(body);
  const ascii = isAscii(body);
  const encoded = ascii || isUtf8(body);

  let value: unknown;
  try {
    // One byte a character: the shortest way to a string.
    value = JSON.parse(textOf(body, omitted, ascii ? 'latin1' : 'utf8'));
  } catch {
    return { mistake: encoded ? 'must be JSON, and is not' : notUtf8(body) };
  }

  if (!encoded) return { value, mistake: notUtf8(body) };
  if (tooDeep) return { value, mistake: `must be at most ${MAX_DEPTH} levels deep` };
  const read = countMembers(value);
  if (Number.isNaN(read)) return { value, mistake: "must not hold the key '__proto__'" };
  if (read !== members) return { value, mistake: 'must not hold a key twice in one object' };
  return { value };
}

interface Measure {
  /**
   * The parts that are not parsed, in order: managed fields, and what lies below MAX_DEPTH levels, since millions of
   * levels take seconds and what they hide is not worth one. The end of the last may be that of the text.
   */
  readonly omitted: readonly Part[];
  readonly tooDeep: boolean;
  /** `"key": value` of all objects, repeated ones too, outside of managed fields that are left out. */
  readonly members: number;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Exact if the text is JSON, and harmless if it is not. */
function measure(text: Buffer): Measure {
  const omitted: Part[] = [];
  let level = 0;
  let members = 0;
  /** Where what is too deep begins. */
  let deep = -1;
  let tooDeep = false;
  let inFields = false;
  /** Where an entry of managed fields begins, and what was counted before it. */
  let entry = -1;
  let before = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const byte = text[i];
    if (byte === QUOTE) {
      const begin = i;
      let inside: number | undefined;
      while (++i < length && (inside = text[i]) !== QUOTE) if (inside === BACKSLASH) i++;
      if (level === METADATA && i - begin === MANAGED_FIELDS.length - 3) inFields = isManagedFields(text, begin);
    } else if (byte === COLON) {
      members++;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      level++;
      if (level === ENTRY && inFields) [entry, before] = [i, members];
      else if (level > MAX_DEPTH && deep < 0) [deep, tooDeep] = [i, true];
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      level--;
      if (level === MAX_DEPTH && deep >= 0) {
        omitted.push({ start: deep, end: i + 1 });
        deep = -1;
      } else if (level === ENTRY - 1 && entry >= 0) {
        if (!isAskedFor(text.subarray(entry, i + 1))) {
          while (entry < (omitted.at(-1)?.start ?? -1)) omitted.pop();
          omitted.push({ start: entry, end: i + 1 });
          members = before;
        }
        entry = -1;
      } else if (level === METADATA) inFields = false;
    }
  }
  if (deep >= 0) omitted.push({ start: deep, end: length });
  return { omitted, tooDeep, members };
}

/** The level of the keys of `request.object.metadata`, and that of an item of a list there. */
const METADATA = 4;
const ENTRY = METADATA + 2;
const MANAGED_FIELDS = Buffer.from('"managedFields":[');

/** Whether this is how the key of a list of this name begins. */
function isManagedFields(text: Buffer, begin: number): boolean {
  return text.subarray(begin, begin + MANAGED_FIELDS.length).equals(MANAGED_FIELDS);
}

/** With `null` in place of some parts, each of which begins and ends with a bracket or a brace. */
function textOf(body: Buffer, omitted: readonly Part[], encoding: 'latin1' | 'utf8'): string {
  let text = '';
  let from = 0;
  for (const { start, end } of omitted) {
    text += `${body.toString(encoding, from, start)}null`;
    from = end;
  }
  return text + body.toString(encoding, from);
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** NaN when one of them is `__proto__`. Recursion is safe: the depth is known. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item);
    return members;
  }
  for (const key in value) {
    if (key === '__proto__') return NaN;
    members += 1 + countMembers((value as Record<string, unknown>)[key]);
  }
  return members;
}

function notUtf8(body: Buffer): string {
  // Decoding writes U+FFFD for what it cannot read; the first one that is not in the body itself marks the place.
  const text = body.toString();
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf(UNREADABLE); at >= 0; at = text.indexOf(UNREADABLE, from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    if (!body.subarray(offset, offset + UNREADABLE_BYTES.length).equals(UNREADABLE_BYTES)) break;
    offset += UNREADABLE_BYTES.length;
    from = at + 1;
  }
  return `must be UTF-8, but byte ${offset} is not`;
}

const UNREADABLE = '\uFFFD';
const UNREADABLE_BYTES = Buffer.from(UNREADABLE);
