import { describe, expect, it } from '@jest/globals';
import { isLabelKey, isLabelValue } from './label.ts';

describe('a label', () => {
  it.each(['team', 'example.com/team', 'A.b_c-d', '1', `a/${'x'.repeat(63)}`])('may be named %s', key => {
    expect(isLabelKey(key)).toBe(true);
  });

  it.each(['', '-a', 'a-', 'a b', '/a', 'Example.com/a', 'a/b/c', 'a/', 'x'.repeat(64)])('may not be named %s', key => {
    expect(isLabelKey(key)).toBe(false);
  });

  it('has a value like a name without prefix, or none', () => {
    expect(['', 'search', 'A.b_c-9'].filter(value => !isLabelValue(value))).toEqual([]);
    expect(['a/b', 'a ', '.', 'x'.repeat(64)].filter(isLabelValue)).toEqual([]);
  });
});
