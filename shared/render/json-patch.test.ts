import { describe, expect, it } from '@jest/globals';
import { dropKey, isTooLarge, pointer, putKey } from './json-patch.ts';

describe('a pointer', () => {
  it.each([
    ['joins its steps', ['spec', 'containers', 0], '/spec/containers/0'],
    ['escapes a slash', ['waymark.dev/injected'], '/waymark.dev~1injected'],
    ['escapes a tilde before a slash', ['~/'], '/~0~1'],
    ['of nothing is the whole document', [], ''],
  ] as const)('%s', (_, path, expected) => {
    expect(pointer(path)).toBe(expected);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('refuses to reach into %s', segment => {
    expect(() => pointer(['metadata', segment])).toThrow(segment);
  });
});

describe('a key of a map', () => {
  const path = ['metadata', 'annotations'] as const;

  it.each([
    ['makes the map that is missing', undefined, [{ op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } }]],
    ['makes the map that is null', null, [{ op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } }]],
    ['is added beside others', { x: 'y' }, [{ op: 'add', path: '/metadata/annotations/a~1b', value: 'c' }]],
    ['replaces another value', { 'a/b': 'd' }, [{ op: 'replace', path: '/metadata/annotations/a~1b', value: 'c' }]],
    ['is not written again', { 'a/b': 'c' }, []],
  ] as const)('that is put %s', (_, map, expected) => {
    expect(putKey(path, map, 'a/b', 'c')).toEqual(expected);
  });

  it('is dropped where it is', () => {
    expect(dropKey(path, { 'a/b': 'c' }, 'a/b')).toEqual([{ op: 'remove', path: '/metadata/annotations/a~1b' }]);
    expect(dropKey(path, { x: 'y' }, 'a/b')).toEqual([]);
    expect(dropKey(path, undefined, 'a/b')).toEqual([]);
  });
});

describe('the size of a patch', () => {
  const frame = JSON.stringify([{ op: 'add', path: '/a', value: '' }]).length;

  it.each([
    ['nothing', '', false],
    ['exactly 1 MiB', 'x'.repeat(1024 * 1024 - frame), false],
    ['one byte more', 'x'.repeat(1024 * 1024 - frame + 1), true],
    ['fewer characters but more bytes', '\u4e2d'.repeat(400_000), true],
  ])('%s', (_, value, expected) => {
    expect(isTooLarge([{ op: 'add', path: '/a', value }])).toBe(expected);
  });

  it('of no operation at all is never too large', () => {
    expect(isTooLarge([])).toBe(false);
  });
});
