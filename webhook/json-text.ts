import { isAscii, isUtf8 } from 'node:buffer';

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
 */
export function readJson(body: Buffer): JsonText {
  if (body.length === 0) return { mistake: 'must be an AdmissionReview, but is empty' };
  const { tooDeep, members } = measure(body);
  // Millions of levels take seconds to parse; what they hide is not worth one.
  const text = tooDeep.length === 0 ? body : without(body, tooDeep);
  const ascii = isAscii(text);
  const encoded = ascii || isUtf8(text);

  let value: unknown;
  try {
    // One byte a character: the shortest way to a string.
    value = JSON.parse(text.toString(ascii ? 'latin1' : 'utf8'));
  } catch {
    return { mistake: encoded ? 'must be JSON, and is not' : notUtf8(text) };
  }

  if (!encoded) return { value, mistake: notUtf8(text) };
  if (tooDeep.length > 0) return { value, mistake: `must be at most ${MAX_DEPTH} levels deep` };
  const read = countMembers(value);
  if (Number.isNaN(read)) return { value, mistake: "must not hold the key '__proto__'" };
  if (read !== members) return { value, mistake: 'must not hold a key twice in one object' };
  return { value };
}

interface Measure {
  /** Where the objects and lists are that lie below MAX_DEPTH levels; the end of the last may be that of the text. */
  readonly tooDeep: readonly { readonly start: number; readonly end: number }[];
  /** `"key": value` of all objects, repeated ones too. */
  readonly members: number;
}

/** Exact if the text is JSON, and harmless if it is not. */
function measure(text: Uint8Array): Measure {
  const tooDeep: { start: number; end: number }[] = [];
  let level = 0;
  let start = -1;
  let members = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const byte = text[i];
    if (byte === QUOTE) {
      let inside: number | undefined;
      while (++i < length && (inside = text[i]) !== QUOTE) if (inside === BACKSLASH) i++;
    } else if (byte === COLON) {
      members++;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      if (++level > MAX_DEPTH && start < 0) start = i;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      if (--level > MAX_DEPTH || start < 0) continue;
      if (level === MAX_DEPTH) tooDeep.push({ start, end: i + 1 });
      start = -1;
    }
  }
  if (start >= 0) tooDeep.push({ start, end: length });
  return { tooDeep, members };
}

/** The text with `null` in place of some of its parts. */
function without(text: Buffer, parts: Measure['tooDeep']): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (const { start, end } of parts) {
    kept.push(text.subarray(from, start), NULL);
    from = end;
  }
  return Buffer.concat([...kept, text.subarray(from)]);
}

const NULL = Buffer.from('null');

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
