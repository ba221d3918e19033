import type { Request, RequestHeader } from './request.ts';
import { splitWords } from './words.ts';

/** `fault`: one clause that begins with its subject. */
export type Reading<T> = { readonly value: T } | { readonly fault: string };

/** `POST /models/a/?v=1 -H 'x-user: me'`, as for curl. Without a method it is GET. */
export function readRequest(text: string): Reading<Request> {
  const words = splitWords(text);
  if (words === undefined) return { fault: 'a quote is not closed' };
  const parts = partsOf(words);
  if ('fault' in parts) return parts;
  const { given, methods, headers } = parts.value;
  const method = given.length > 1 ? given[0] : undefined;
  const target = given.at(-1);
  if (target === undefined) return { fault: "the path is missing: write one such as 'POST /models/a/'" };
  if (given.length > 2 || methods.length > 1 || (method !== undefined && methods.length > 0)) {
    return { fault: `one method and one path are too few for ${[...methods, ...given].map(quoted).join(' ')}` };
  }
  const asked = method ?? methods[0] ?? 'GET';
  const fault = methodFault(asked) ?? targetFault(target);
  if (fault !== undefined) return { fault };
  const read = headers.map(readHeader);
  const wrong = read.find(one => 'fault' in one);
  if (wrong) return wrong;
  return { value: { method: asked, target, headers: read.flatMap(one => ('value' in one ? [one.value] : [])) } };
}

interface Parts {
  readonly given: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
}

const FLAGS: Readonly<Record<string, 'methods' | 'headers'>> = {
  '-X': 'methods',
  '--request': 'methods',
  '-H': 'headers',
  '--header': 'headers',
};

function partsOf(words: readonly string[]): Reading<Parts> {
  const parts = { given: [] as string[], methods: [] as string[], headers: [] as string[] };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      parts.given.push(word);
      continue;
    }
    const [, flag = word, attached] = /^(-[A-Za-z]|--[a-z-]+)(?:=?(.+))?$/s.exec(word) ?? [];
    const list = FLAGS[flag];
    if (list === undefined) return { fault: `'${word}' is not known: there are only -H and -X` };
    const value = attached ?? rest.shift();
    if (value === undefined) return { fault: `'${word}' has nothing behind it` };
    parts[list].push(value);
  }
  return { value: parts };
}

/** Of a method and of the name of a header. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT'.split(' '));

function methodFault(method: string): string | undefined {
  const upper = method.toUpperCase();
  if (method !== upper && METHODS.has(upper)) return `a method is written in capital letters: ${upper}`;
  return TOKEN.test(method) ? undefined : `'${method}' is not a method`;
}

function targetFault(target: string): string | undefined {
  if (/^https?:\/\//i.test(target)) return 'the path is written alone: the host is the one that is asked about';
  if (!target.startsWith('/')) return `the path must begin with '/', but is '${target}'`;
  if (target.includes('#')) return "the path must have no '#': clients keep for themselves what is behind it";
  const strange = /[^\x21-\x7e]/u.exec(target)?.[0];
  return strange && `the path must have '${encoded(strange)}' where it has '${strange}'`;
}

function encoded(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text));
  return bytes.map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function readHeader(text: string): Reading<RequestHeader> {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon));
  const value = text.slice(colon + 1).trim();
  if (!TOKEN.test(name)) return { fault: `a header is written 'name: value', but one is '${text}'` };
  if (name.toLowerCase() === 'host')
    return { fault: 'there is no header Host: the host is the one that is asked about' };
  // eslint-disable-next-line no-control-regex -- these are what a header must not have
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
    return { fault: `header ${name} has a character that no header can have` };
  return { value: { name, value } };
}

function quoted(text: string): string {
  return `'${text}'`;
}
