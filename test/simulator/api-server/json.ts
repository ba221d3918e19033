/** Plain JSON, as it travels. */
export type Json = unknown;
export type JsonMap = Readonly<Record<string, Json>>;

export function isMap(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map without some of its fields. */
export function leaveOut<T extends object, K extends keyof T & string>(map: T, ...names: readonly K[]): Omit<T, K> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) {
    if (!(names as readonly string[]).includes(name)) kept[name] = value;
  }
  return kept as Omit<T, K>;
}

/**
 * What arrives at the other end: no `undefined`, and nothing that the sender could still change. As by
 * `JSON.parse(JSON.stringify(value))`, for values that have no way of their own to be written.
 */
export function wire(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => (item === undefined ? null : wire(item)));
  const sent: Record<string, Json> = {};
  for (const [name, part] of Object.entries(value)) if (part !== undefined) sent[name] = wire(part);
  return sent;
}

/** Whoever is handed a stored object must not change it. Parts that are frozen already are taken as they are. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

/** RFC 7386. */
export function mergePatch(before: Json, patch: Json): Json {
  if (!isMap(patch)) return patch;
  const merged: Record<string, Json> = isMap(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}
