import { describe, expect, it } from '@jest/globals';
import { readRequest } from './read-request.ts';
import { seenByGateway } from './seen.ts';

function seen(text: string) {
  const reading = readRequest(text);
  if ('fault' in reading) throw new Error(reading.fault);
  return seenByGateway(reading.value, 'shop.example.com');
}

function parameters(query: string) {
  return [...(seen(`/${query}`)?.parameters ?? [])];
}

function header(name: string, ...sent: readonly string[]) {
  return seen(`/ ${sent.map(text => `-H '${text}'`).join(' ')}`)?.headers.get(name);
}

it('takes the query off the path, and changes nothing of it', () => {
  expect(seen('/a/../b?c=/../%61?d')).toMatchObject({ path: '/b', query: '?c=/../%61?d' });
});

it('keeps a query without anything in it', () => {
  expect(seen('/a?')).toMatchObject({ path: '/a', query: '?' });
});

it('looks for an encoded zero in the path only', () => {
  expect([seen('/a%00'), seen('/a?%00')?.path]).toEqual([undefined, '/a']);
});

describe('parameters of a query', () => {
  it.each([
    ['are kept by name', '?a=b&c=d', [['a', 'b'], ['c', 'd']]], // prettier-ignore
    ['are not decoded', '?%61=%62+c', [['%61', '%62+c']]],
    ['have the first of several values', '?a=c&a=b', [['a', 'c']]],
    ['may have no value', '?a&b=', [['a', ''], ['b', '']]], // prettier-ignore
    ['may have an equals sign in their value', '?a=b=c', [['a', 'b=c']]],
    ['begin behind the first question mark', '??a=b', [['?a', 'b']]],
    ['are not parted by a semicolon', '?a=b;c=d', [['a', 'b;c=d']]],
    ['may have nothing between them', '?&&a=b&', [['a', 'b']]],
    ['may have no name', '?=a', [['', 'a']]],
    ['may be none', '?', []],
  ])('%s', (_, query, expected) => {
    expect(parameters(query)).toEqual(expected);
  });
});

describe('headers', () => {
  it.each([
    ['have names in lower case', 'x-a', ['X-A: B'], ['B']],
    ['are not there when nobody sends them', 'x-a', [], undefined],
    ['have each of several values', 'x-a', ['x-a: b', 'X-A: c'], ['b', 'c']],
    ['have a list in one value as it is', 'x-a', ['x-a: b, c'], ['b, c']],
    ['have several values of cookies', 'cookie', ['cookie: a', 'cookie: b'], ['a', 'b']],
    ['have several values of a standard one as a list', 'accept', ['accept: a', 'accept: b'], ['a,b']],
    ['of a connection go no further', 'upgrade', ['upgrade: websocket'], undefined],
    ['may offer trailers', 'te', ['te: trailers'], ['trailers']],
    ['may offer nothing else', 'te', ['te: gzip'], undefined],
    ['that only gateways may send go no further', 'x-envoy-retry-on', ['x-envoy-retry-on: 5xx'], undefined],
    ['that the gateway writes are there', 'x-request-id', [], []],
    ['that the gateway writes are taken as they are said', 'x-request-id', ['x-request-id: 1'], ['1']],
    ['hold the host', 'host', [], ['shop.example.com']],
  ])('%s', (_, name, sent, expected) => {
    expect(header(name, ...sent)).toEqual(expected);
  });
});
