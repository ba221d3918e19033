import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gatewayPath } from './gateway-path.ts';

/** As the gateway of an Istio with `pathNormalization: BASE` answers. */
describe('a path at the gateway', () => {
  it.each([
    ['is kept', '/a/b', '/a/b'],
    ['keeps capital letters', '/A/b', '/A/b'],
    ['keeps empty segments', '//a//b/', '//a//b/'],
    ['loses a dot', '/a/./b', '/a/b'],
    ['loses a dot at its end and stays a folder', '/a/.', '/a/'],
    ['goes up at two dots', '/a/../b', '/b'],
    ['goes up at its end to the folder', '/a/b/..', '/a/'],
    ['never goes above the root', '/../../a', '/a'],
    ['goes up from an empty segment to the one before', '/a//../b', '/a/b'],
    ['goes up by one empty segment only', '/a/b//../../c', '/a/c'],
    ['goes up from an empty root', '//..//b', '//b'],
    ['keeps empty segments behind dots', '/a/..//b', '//b'],
    ['keeps three dots', '/a/...', '/a/...'],
    ['keeps dots that are a part of a name', '/a..b/..c/d..', '/a..b/..c/d..'],
    ['has encoded dots for dots', '/a/%2e%2E/b', '/b'],
    ['has half encoded dots for dots', '/a/.%2e/b/%2e./c', '/c'],
    ['has two dots and an encoded one for a name', '/a/..%2e/b', '/a/.../b'],
    ['has a dot in what was encoded twice for text', '/a/%252e%252e/b', '/a/%252e%252e/b'],
    ['loses parameters behind dots', '/a/..;x=1/b', '/b'],
    ['loses parameters behind a dot', '/a/.;x/b', '/a/b'],
    ['loses nothing but a semicolon', '/a/..;', '/'],
    ['keeps parameters of a name', '/a;x/b', '/a;x/b'],
    ['keeps parameters of nothing', '/a/;../b', '/a/;../b'],
    ['keeps parameters behind three dots', '/a/...;/b', '/a/...;/b'],
    ['keeps parameters behind encoded dots', '/a/%2e%2e;x/b', '/a/..;x/b'],
    ['keeps an encoded semicolon behind dots', '/a/..%3bx/b', '/a/..%3bx/b'],
    ['has a backslash for a slash', String.raw`/a\..\b`, '/b'],
    ['has a backslash behind parameters for a part of them', String.raw`/a/..;x\b`, '/'],
    ['keeps parameters of dots between backslashes', String.raw`/a\.;x\b`, '/a/.;x/b'],
    ['keeps an encoded slash', '/a%2fb%2F', '/a%2fb%2F'],
    ['keeps an encoded slash beside dots', '/a/%2e%2e%2fb', '/a/..%2fb'],
    ['keeps an encoded backslash', '/a%5c../b', '/a%5c../b'],
    ['has letters, digits and signs that need no encoding decoded', '/%61%41%30%2d%5f%7E', '/aA0-_~'],
    ['keeps signs that may mean something', '/%21%24%26%2b%3a%3D%40%5b', '/%21%24%26%2b%3a%3D%40%5b'],
    ['keeps the case of what stays encoded', '/%e4%E4', '/%e4%E4'],
    ['keeps an encoded percent sign', '/%25%32%65', '/%252e'],
    ['keeps what only looks encoded', '/%/%2/%zz', '/%/%2/%zz'],
    ['goes up from what only looks encoded', '/a%4/..', '/'],
    ['has encoded what should have been', '/"<>^`{|}', '/%22%3C%3E%5E%60%7B%7C%7D'],
    ['keeps signs that are allowed', "/!$&'()*+,;=:@[]", "/!$&'()*+,;=:@[]"],
  ])('%s', (_, path, normal) => {
    expect(gatewayPath(path)).toBe(normal);
  });

  it('is refused with an encoded zero', () => {
    expect(gatewayPath('/a%00b')).toBeUndefined();
  });

  it('has no dot segment left and begins with a slash, whatever it is', () => {
    const pieces = ['/', '/', '.', '..', '%2e', '%2E', ';', '\\', '%', '%2f', 'a', '%61', '"', '%5c', '%252e', '2e'];
    const paths = fc.array(fc.constantFrom(...pieces)).map(parts => `/${parts.join('')}`);

    fc.assert(
      fc.property(paths, path => {
        const [first, ...segments] = gatewayPath(path)?.split('/') ?? [];
        expect(first).toBe('');
        expect(segments.filter(segment => segment === '.' || segment === '..')).toEqual([]);
      }),
    );
  });
});
