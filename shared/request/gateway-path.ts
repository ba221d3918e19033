/**
 * The path of a request as Istio's gateway compares it, sends it on and redirects it: what `pathNormalization: BASE` is,
 * which is the default. Undefined = the gateway answers 400.
 *
 * ```
 *   /a/../b  /a/%2e%2E/b  /a/..;x/b  →  /b        dot segments, also with parameters behind them
 *   /%61\b                           →  /a/b      unreserved characters are decoded, a backslash is a slash
 *   /a%2fb  //a  /A                  →  the same  all else that is encoded, empty segments, capital letters
 *   /"                               →  /%22      what should have been encoded
 * ```
 */
export function gatewayPath(path: string): string | undefined {
  const plain = path
    .split('/')
    .map(segment => segment.replace(DOTS_WITH_PARAMETERS, '$1'))
    .join('/')
    .replaceAll('\\', '/')
    .replace(ENCODED, decoded)
    .replace(ENCODE, encoded);
  return plain.includes(NUL) ? undefined : withoutDots(plain);
}

/** Only where the dots are written as such. */
const DOTS_WITH_PARAMETERS = /^(\.\.?);.*$/s;

const ENCODED = /%[0-9A-Fa-f]{2}/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const ENCODE = /["<>^`{|}]/g;
const NUL = '%00';

function decoded(escape: string): string {
  const character = String.fromCharCode(parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape;
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** An empty segment is one like others. */
function withoutDots(path: string): string {
  const [, ...segments] = path.split('/');
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    // What was a folder stays one.
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
