import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { PathMatch } from '../request-match.ts';
import { replacedAll } from './pattern.ts';
import type { SeenRequest } from './request.ts';

/** What becomes of a request that a route takes. */
export type Consequence =
  | {
      readonly does: 'forward';
      /** Path and query as the destinations see them. */
      readonly target: string;
      /** `3s`; absent = as long as it takes. */
      readonly timeout?: string;
    }
  | {
      readonly does: 'redirect';
      readonly code: number;
      /** Begins with `//` where the scheme is that of the request. */
      readonly location: string;
    }
  /** The gateway answers a browser's question whether it may ask. */
  | { readonly does: 'preflight' };

/** `entry`: of the VirtualService, as we write it or as it lives; `match`: what it matches paths with. */
export function consequenceOf(entry: JsonObject, match: PathMatch, seen: SeenRequest): Consequence {
  if (isJsonObject(entry['redirect'])) return redirected(entry['redirect'], match, seen);
  if (isJsonObject(entry['corsPolicy']) && isPreflight(entry['corsPolicy'], seen)) return { does: 'preflight' };
  const { timeout } = entry;
  return {
    does: 'forward',
    target: `${pathAfter(entry['rewrite'], match, seen.path)}${seen.query}`,
    ...(typeof timeout === 'string' && { timeout }),
  };
}

function pathAfter(rewrite: unknown, match: PathMatch, path: string): string {
  if (!isJsonObject(rewrite)) return path;
  const pattern = rewrite['uriRegexRewrite'];
  if (isJsonObject(pattern)) return replacedAll(textOf(pattern['match']), textOf(pattern['rewrite']), path);
  return withPrefix(rewrite['uri'], match, path);
}

/** Of a path that is matched as a whole all of it is replaced. */
function withPrefix(text: unknown, { kind, value }: PathMatch, path: string): string {
  if (typeof text !== 'string') return path;
  return kind === 'prefix' ? text + path.slice(value.length) : text;
}

function redirected(redirect: JsonObject, match: PathMatch, { path, query }: SeenRequest): Consequence {
  const { scheme, port, redirectCode, uri, prefixRewrite } = redirect;
  const beginning = typeof scheme === 'string' ? `${scheme}:` : '';
  const isUsual = (scheme === 'https' && port === 443) || (scheme === 'http' && port === 80);
  const written = typeof port === 'number' && !isUsual ? `:${port}` : '';
  const moved = typeof uri === 'string' ? uri : withPrefix(prefixRewrite, match, path);
  // A query of its own stands for that of the request.
  const target = `${moved.startsWith('/') ? '' : '/'}${moved}${moved.includes('?') ? '' : query}`;
  return {
    does: 'redirect',
    code: typeof redirectCode === 'number' ? redirectCode : 301,
    location: `${beginning}//${textOf(redirect['authority'])}${written}${target}`,
  };
}

/** From an origin that it lets in, whatever the method that is asked for. */
function isPreflight({ allowOrigins }: JsonObject, { method, headers }: SeenRequest): boolean {
  const [origin] = headers.get('origin') ?? [];
  if (method !== 'OPTIONS' || origin === undefined || !headers.has('access-control-request-method')) return false;
  const allowed = Array.isArray(allowOrigins) ? (allowOrigins as unknown[]).filter(isJsonObject) : [];
  return allowed.some(({ exact }) => exact === '*' || exact === origin);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
