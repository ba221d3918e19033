import { describe, expect, it } from '@jest/globals';
import { NO_EDITS } from '../intent.ts';
import type { Forward, Intent, Mapping, Redirect } from '../intent.ts';
import { EVERY_REQUEST, underPrefix } from '../request-match.ts';
import type { RequestMatch } from '../request-match.ts';
import { renderRoute } from './route.ts';

const NOWHERE = { start: 0, end: 0 };

const intent: Intent = {
  object: { kind: 'Deployment', namespace: 'shop', name: 'tool' },
  key: 'waymark.dev/config',
  text: '',
  environment: 'prod',
  area: '',
  domain: '',
  mappings: [],
  ports: [{ name: 'http', port: 8080, appProtocol: 'http' }],
};

const forward: Forward = {
  does: 'forward',
  destination: { to: 'service', at: NOWHERE, namespace: 'shop', name: 'web', port: 80 },
  isShadow: false,
  rewrite: { kind: 'none' },
  timeout: 0,
  requestHeaders: NO_EDITS,
  responseHeaders: NO_EDITS,
};

function rendered(action: Mapping['action'], match: RequestMatch = underPrefix('/a/')): unknown {
  const mapping: Mapping = { at: NOWHERE, name: 'm', match, prefixAt: NOWHERE, precedence: 0, action };
  const place = { host: 'a.example.com', at: NOWHERE, path: 'host', named: true };
  return renderRoute({ intent, place, mapping }, { clusterDomain: 'cluster.local' });
}

const WEB = { destination: { host: 'web.shop.svc.cluster.local', port: { number: 80 } } };

/** Of a Mapping that asks for nothing more than where to send. */
const PLAIN = {
  name: 'shop/tool/m',
  match: [{ uri: { prefix: '/a/' } }],
  route: [WEB],
  retries: { attempts: 0 },
};

const exact: RequestMatch = { ...EVERY_REQUEST, path: { kind: 'exact', value: '/a', ignoresCase: false } };
const pattern: RequestMatch = { ...EVERY_REQUEST, path: { kind: 'regex', value: '/a', ignoresCase: false } };
const anyCase: RequestMatch = { ...EVERY_REQUEST, path: { kind: 'prefix', value: '/a', ignoresCase: true } };
const header = (name: string, value: string) => ({ name, value });
const to = (value: string): Forward => ({ ...forward, rewrite: { kind: 'prefix', value } });

describe('a Mapping that forwards says', () => {
  it.each<[string, Partial<Forward>, object]>([
    ['that there are no retries, also none of those that Istio makes by itself', {}, {}],
    ['its timeout in seconds', { timeout: 3000 }, { timeout: '3s' }],
    ['a timeout of one millisecond', { timeout: 1 }, { timeout: '0.001s' }],
    [
      'the conditions of its retries without blanks, which Istio refuses',
      { retries: { on: ['5xx', 'reset'], attempts: 2 } },
      { retries: { attempts: 2, retryOn: '5xx,reset' } },
    ],
    [
      'how long each try may take',
      { retries: { on: ['5xx'], attempts: 1, perTryTimeout: 250 } },
      { retries: { attempts: 1, perTryTimeout: '0.25s', retryOn: '5xx' } },
    ],
    ['what stands for the prefix', { rewrite: { kind: 'prefix', value: '/' } }, { rewrite: { uri: '/' } }],
    [
      'a pattern over the path and what stands for what it finds',
      { rewrite: { kind: 'regex', pattern: '^/a/(.*)$', substitution: String.raw`/b/\1` } },
      { rewrite: { uriRegexRewrite: { match: '^/a/(.*)$', rewrite: String.raw`/b/\1` } } },
    ],
    ['the host to be seen', { host: { name: 'b.example.com' } }, { rewrite: { authority: 'b.example.com' } }],
    [
      'the name of its Service as the host to be seen',
      { host: 'destination' },
      { rewrite: { authority: 'web.shop.svc.cluster.local' } },
    ],
    [
      'both rewrites as one',
      { host: { name: 'b.example.com' }, rewrite: { kind: 'prefix', value: '/' } },
      { rewrite: { uri: '/', authority: 'b.example.com' } },
    ],
    [
      'an outside host as it is',
      {
        destination: { to: 'external', at: NOWHERE, host: 'httpbin.org', port: 80 },
        host: 'destination',
      },
      {
        rewrite: { authority: 'httpbin.org' },
        route: [{ destination: { host: 'httpbin.org', port: { number: 80 } } }],
      },
    ],
    [
      'headers to add, to set and to remove, of the request and of the answer',
      {
        requestHeaders: { add: [header('x-a', '1')], set: [header('x-b', '%PROTOCOL%')], remove: ['x-c'] },
        responseHeaders: { add: [header('y-a', '1')], set: [header('y-b', '2')], remove: ['y-c'] },
      },
      {
        headers: {
          request: { set: { 'x-b': '%PROTOCOL%' }, add: { 'x-a': '1' }, remove: ['x-c'] },
          response: { set: { 'y-b': '2' }, add: { 'y-a': '1' }, remove: ['y-c'] },
        },
      },
    ],
    [
      'headers of the answer alone',
      { responseHeaders: { ...NO_EDITS, remove: ['server'] } },
      { headers: { response: { remove: ['server'] } } },
    ],
    [
      'the least of a CORS policy',
      { cors: { origins: ['*'], methods: [], headers: [], exposedHeaders: [], credentials: false } },
      { corsPolicy: { allowOrigins: [{ exact: '*' }] } },
    ],
    [
      'all of a CORS policy',
      {
        cors: {
          origins: ['https://a.example.com', 'https://b.example.com'],
          methods: ['GET', 'POST'],
          headers: ['x-a'],
          exposedHeaders: ['x-b'],
          credentials: true,
          maxAge: 86_400,
        },
      },
      {
        corsPolicy: {
          allowOrigins: [{ exact: 'https://a.example.com' }, { exact: 'https://b.example.com' }],
          allowMethods: ['GET', 'POST'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          maxAge: '86400s',
          allowCredentials: true,
        },
      },
    ],
  ])('%s', (_, fields, expected) => {
    expect(rendered({ ...forward, ...fields })).toEqual({ ...PLAIN, ...expected });
  });

  it.each<[string, string, RequestMatch, object]>([
    ['no rewrite where it is the prefix', '/a/', underPrefix('/a/'), {}],
    ['no rewrite where it is the exact path', '/a', exact, {}],
    ['a rewrite to the text of the pattern', '/a', pattern, { rewrite: { uri: '/a' } }],
    ['a rewrite to the prefix where letters may come in another case', '/a', anyCase, { rewrite: { uri: '/a' } }],
  ])('%s', (_, value, match, expected) => {
    const { rewrite } = rendered(to(value), match) as { rewrite?: object };

    expect(rewrite === undefined ? {} : { rewrite }).toEqual(expected);
  });
});

describe('a Mapping that redirects says', () => {
  const redirect: Redirect = { does: 'redirect', at: NOWHERE, host: 'b.example.com', code: 301 };

  it.each<[string, Partial<Redirect>, object]>([
    ['its host and its code, and nothing of where it sends', {}, {}],
    ['its scheme and its port', { scheme: 'https', port: 8443 }, { scheme: 'https', port: 8443 }],
    ['the whole path', { path: { kind: 'whole', value: '/b' } }, { uri: '/b' }],
    ['what stands for the prefix', { path: { kind: 'prefix', value: '/b/' } }, { prefixRewrite: '/b/' }],
    ['another code', { code: 308 }, { redirectCode: 308 }],
  ])('%s', (_, fields, expected) => {
    expect(rendered({ ...redirect, ...fields })).toEqual({
      name: PLAIN.name,
      match: PLAIN.match,
      redirect: { authority: 'b.example.com', redirectCode: 301, ...expected },
    });
  });
});
