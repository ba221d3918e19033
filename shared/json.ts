/** Equality of plain JSON values; the order of keys does not count, that of a list does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  return sameRecord(a as JsonObject, b as JsonObject, EVERY_KEY);
}

/** As sameJson, for two objects, leaving out the keys in `except`. */
export function sameRecord(a: JsonObject, b: JsonObject, except: ReadonlySet<string>): boolean {
  // Plain JSON inherits nothing, so that `for in` sees own keys only; it makes no list of them.
  let left = 0;
  for (const key in a) {
    if (except.has(key)) continue;
    if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false;
    left++;
  }
  for (const key in b) if (!except.has(key)) left--;
  return left === 0;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Of JSON: no list and not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const EVERY_KEY: ReadonlySet<string> = new Set();

/** Order of code points: the same on every machine, unlike that of a locale. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** UTF-16 sorts surrogates (above U+FFFF) before U+E000 to U+FFFF; code points do not. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
