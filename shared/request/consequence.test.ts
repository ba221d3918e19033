import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../json.ts';
import type { PathMatch } from '../request-match.ts';
import { consequenceOf } from './consequence.ts';
import { readRequest } from './read-request.ts';
import { seenByGateway } from './seen.ts';

function consequence(text: string, entry: JsonObject, match: PathMatch) {
  const reading = readRequest(text);
  const seen = 'value' in reading ? seenByGateway(reading.value, 'shop.example.com') : undefined;
  if (!seen) throw new Error(`the gateway never sees ${text}`);
  return consequenceOf(entry, match, seen);
}

const prefix = (value: string, ignoresCase = false): PathMatch => ({ kind: 'prefix', value, ignoresCase });
const exact = (value: string): PathMatch => ({ kind: 'exact', value, ignoresCase: false });
const regex = (value: string): PathMatch => ({ kind: 'regex', value, ignoresCase: false });

/** As Envoy answers. */
describe('a request is sent on', () => {
  const byPattern = (match: string, rewrite: string) => ({ rewrite: { uriRegexRewrite: { match, rewrite } } });
  it.each([
    ['in its normal form', {}, prefix('/'), '/a/../b?c', '/b?c'],
    ['with another prefix', { rewrite: { uri: '/x/' } }, prefix('/a/'), '/a/b?c', '/x/b?c'],
    ['with the slash that its prefix has not', { rewrite: { uri: '/' } }, prefix('/b'), '/b/c', '//c'],
    ['with what is behind a part of a name', { rewrite: { uri: '/' } }, prefix('/b'), '/bc', '/c'],
    ['with a prefix for one in another case', { rewrite: { uri: '/e2/' } }, prefix('/E/', true), '/e/Q', '/e2/Q'],
    ['with another path for an exact one', { rewrite: { uri: '/y' } }, exact('/c'), '/c?d', '/y?d'],
    ['with another path for a pattern', { rewrite: { uri: '/z' } }, regex('/d/.*'), '/d/e?f=g', '/z?f=g'],
    ['with a text behind a prefix', { rewrite: { uri: '/m/:p' } }, prefix('/m/'), '/m/x', '/m/:px'],
    [
      'with what a pattern makes of the path',
      byPattern('/f/(.)', String.raw`/g/\1`),
      prefix('/f/'),
      '/f/a?/f/b',
      '/g/a?/f/b',
    ],
    ['with a query in front of its own', { rewrite: { uri: '/n?a=b' } }, prefix('/m/'), '/m/x?c=d', '/n?a=bx?c=d'],
    ['with another host only', { rewrite: { authority: 'b.example.com' } }, prefix('/'), '/a', '/a'],
  ])('%s', (_, entry, match, text, target) => {
    expect(consequence(text, entry, match)).toEqual({ does: 'forward', target });
  });

  it('with the time that it may take', () => {
    expect(consequence('/', { timeout: '3s' }, prefix('/'))).toEqual({ does: 'forward', target: '/', timeout: '3s' });
  });
});

describe('a request is redirected', () => {
  const to = { authority: 'new.example.com' };
  it.each([
    ['with its path and query', to, '/a/../%41?%41', '//new.example.com/A?%41'],
    ['to a path', { ...to, uri: '/x' }, '/a?c', '//new.example.com/x?c'],
    ['to a path without a slash', { ...to, uri: 'x' }, '/a', '//new.example.com/x'],
    ['to a path with a query of its own', { ...to, uri: '/x?y=z' }, '/a?c', '//new.example.com/x?y=z'],
    ['to another prefix', { ...to, prefixRewrite: '/b/' }, '/a/c?d', '//new.example.com/b/c?d'],
    ['to a scheme', { ...to, scheme: 'https' }, '/a', 'https://new.example.com/a'],
    ['to a port', { ...to, scheme: 'https', port: 8443 }, '/a', 'https://new.example.com:8443/a'],
    ['to the port of the scheme', { ...to, scheme: 'https', port: 443 }, '/a', 'https://new.example.com/a'],
    ['to a port that is of another scheme', { ...to, scheme: 'http', port: 443 }, '/a', 'http://new.example.com:443/a'],
  ])('%s', (_, redirect, text, location) => {
    const match = prefix('/a/');
    expect(consequence(text, { redirect }, match)).toEqual({ does: 'redirect', code: 301, location });
  });

  it('with a code', () => {
    expect(consequence('/', { redirect: { ...to, redirectCode: 308 } }, prefix('/'))).toMatchObject({ code: 308 });
  });
});

describe('the question of a browser whether it may ask', () => {
  const entry = { corsPolicy: { allowOrigins: [{ exact: 'http://o' }] } };
  const asked = '-H access-control-request-method:DELETE';
  it.each([
    ['is answered for an origin that may', `OPTIONS / -H origin:http://o ${asked}`, entry, 'preflight'],
    ['is sent on for another origin', `OPTIONS / -H origin:http://p ${asked}`, entry, 'forward'],
    ['is none without a method', 'OPTIONS / -H origin:http://o', entry, 'forward'],
    ['is none with another method', `GET / -H origin:http://o ${asked}`, entry, 'forward'],
    ['is sent on where nothing is said of it', `OPTIONS / -H origin:http://o ${asked}`, {}, 'forward'],
    [
      'is answered where all origins may',
      `OPTIONS / -H origin:http://o ${asked}`,
      { corsPolicy: { allowOrigins: [{ exact: '*' }] } },
      'preflight',
    ],
  ])('%s', (_, text, of, does) => {
    expect(consequence(text, of, prefix('/'))).toMatchObject({ does });
  });
});
