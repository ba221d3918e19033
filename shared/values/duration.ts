const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A year: longer than any request, and far from where milliseconds lose precision. */
export const MAX_DURATION = 365 * 24 * 3_600_000;

/** Milliseconds of `300s`, `5m`, `1h30m`, `500ms`, `0s`; undefined for everything else, for parts of a millisecond too. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,11}h)?(?:\d{1,11}m)?(?:\d{1,11}s)?(?:\d{1,11}ms)?$/.test(text) || text === '') return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+)([a-z]+)/g)) total += Number(amount) * (UNITS[unit] ?? 0);
  return total <= MAX_DURATION ? total : undefined;
}

/** Of `0.5s`, as Go writes it: `500ms`; undefined where that is no whole number of milliseconds, or nothing is known. */
export function durationMeant(text: string): string | undefined {
  const [, amount, unit = ''] = /^(\d{1,11}\.\d{1,9}|\.\d{1,9})(h|m|s|ms)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? NaN);
  return Number.isInteger(milliseconds) && milliseconds <= MAX_DURATION ? printDuration(milliseconds) : undefined;
}

/** The shortest spelling with one unit: `5m`, `90s`, `500ms`, `0s`. Reads back as the same number. */
export function printDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const [unit, size] = Object.entries(UNITS).find(([, each]) => milliseconds % each === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}
