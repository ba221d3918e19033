import { availableParallelism, totalmem } from 'node:os';
import type { Container } from './objects.ts';

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A resource quantity as a number of cores or bytes. */
function numberOf(quantity: string | number): number {
  const [, digits = '', suffix = ''] = /^([0-9.]+(?:e[0-9]+)?)(\w*)$/.exec(String(quantity)) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? 1);
}

/**
 * The text of a `resourceFieldRef`: whole units of the divisor, rounded up. Without a limit it is what the node has.
 * `undefined` = no such resource.
 */
export function resourceField(
  container: Container,
  resource: string,
  divisor: string | number | undefined,
): string | undefined {
  const [kind, name = ''] = resource.split('.');
  const node = { cpu: availableParallelism(), memory: totalmem() }[name];
  if (node === undefined || (kind !== 'limits' && kind !== 'requests')) return undefined;
  const written = container.resources?.[kind]?.[name];
  const amount = written === undefined ? (kind === 'limits' ? node : 0) : numberOf(written);
  const unit = divisor === undefined || String(divisor) === '0' ? 1 : numberOf(divisor);
  // 7m / 1m is 7.000000000000001 in binary.
  return String(Math.ceil(Number((amount / unit).toFixed(6))));
}
