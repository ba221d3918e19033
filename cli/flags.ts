import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Gathers the values of a repeatable option. */
export function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A TCP port; 0 lets the system choose. */
export function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return number;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

/** `90d`, `12h`, `30m`, `45s` → milliseconds, more than 0. */
export function validity(text: string): number {
  const [, number = '', unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (seconds !== undefined) return Number(number) * seconds * 1000;
  throw new InvalidArgumentError("It must be a whole number with 's', 'm', 'h' or 'd', for example '90d'.");
}
