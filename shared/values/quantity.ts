/**
 * Quantities of Kubernetes, in the canonical form that the API server stores, so that what is read back equals what was
 * written. See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const NANO = 1_000_000_000n;
/** The API server caps quantities at what a signed 64-bit number holds; we refuse instead of cutting silently. */
const LARGEST = (2n ** 63n - 1n) * NANO;

/** The canonical form of a positive quantity such as `500m`, `0.5` or `2048Mi`; undefined for everything else. */
export function canonicalQuantity(text: string): string | undefined {
  const match = /^\+?(\d{1,25})(?:\.(\d{0,12}))?(n|u|m|k|[KMGTPE]i|[MGTPE]|[eE][+-]?\d{1,2})?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(whole + fraction);
  const nano = scaled(digits, fraction.length, suffix);
  if (nano === 0n || nano > LARGEST) return undefined;
  if (suffix.endsWith('i') && nano >= 1024n * NANO) return printBinary(nano);
  return /^[eE][+-]?\d/.test(suffix)
    ? printDecimal(nano, exponent => (exponent === 0 ? '' : `e${exponent}`))
    : printDecimal(nano);
}

/** In billionths, rounded up as the API server does. */
function scaled(digits: bigint, fractionDigits: number, suffix: string): bigint {
  const divisor = 10n ** BigInt(fractionDigits);
  if (suffix.endsWith('i')) return ceilDivide(digits * NANO * 1024n ** BigInt(BINARY.indexOf(suffix)), divisor);
  const exponent = /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : exponentOf(suffix);
  return exponent >= -9
    ? ceilDivide(digits * 10n ** BigInt(exponent + 9), divisor)
    : ceilDivide(digits, divisor * 10n ** BigInt(-exponent - 9));
}

function exponentOf(suffix: string): number {
  return DECIMAL.find(([each]) => each === suffix)?.[1] ?? 0;
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** With the largest suffix that leaves a whole number. */
function printDecimal(nano: bigint, suffixFor?: (exponent: number) => string): string {
  const [suffix, exponent] = DECIMAL.findLast(([, each]) => nano % 10n ** BigInt(each + 9) === 0n) ?? ['n', -9];
  return `${nano / 10n ** BigInt(exponent + 9)}${suffixFor?.(exponent) ?? suffix}`;
}

/**
 * Binary forms have no fractions: bytes are rounded up to whole ones. Without a suffix nothing says that the form was
 * binary, so that the API server reads its own text back as a decimal one.
 */
function printBinary(nano: bigint): string {
  const bytes = ceilDivide(nano, NANO);
  let value = bytes;
  let power = 0;
  while (power < BINARY.length - 1 && value % 1024n === 0n) {
    value /= 1024n;
    power++;
  }
  return power === 0 ? printDecimal(bytes * NANO) : `${value}${BINARY[power] ?? ''}`;
}
