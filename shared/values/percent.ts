export interface Percent {
  readonly value: number;
  /** The sign stands in front, as cube-studio's manual writes it. */
  readonly signInFront: boolean;
}

/** A whole number from 0 to 100: `20`, `20%` or `%20`; undefined for everything else. */
export function parsePercent(text: string): Percent | undefined {
  const match = /^(?:%(\d{1,3})|(\d{1,3})%?)$/.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1] ?? match[2]);
  return value <= 100 ? { value, signInFront: match[1] !== undefined } : undefined;
}
