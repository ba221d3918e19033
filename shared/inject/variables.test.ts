import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isVariableName, literal } from './variables.ts';

/**
 * What the kubelet does with a value, byte by byte as it does it (third_party/forked/golang/expansion). Every reference
 * is answered by `!`, so that one that was not meant shows.
 */
function expand(text: string): string {
  const input = Buffer.from(text);
  const output: Buffer[] = [];
  let from = 0;
  for (let cursor = 0; cursor < input.length; cursor++) {
    if (input[cursor] !== 0x24 || cursor + 1 >= input.length) continue;
    output.push(input.subarray(from, cursor));
    const { read, advance } = readName(input.subarray(cursor + 1));
    output.push(Buffer.from(read));
    cursor += advance;
    from = cursor + 1;
  }
  return Buffer.concat([...output, input.subarray(from)]).toString();
}

function readName(input: Buffer): { read: string; advance: number } {
  if (input[0] === 0x24) return { read: '$', advance: 1 };
  if (input[0] !== 0x28) return { read: `$${String.fromCodePoint(input[0] ?? 0)}`, advance: 1 };
  const close = input.indexOf(0x29);
  return close < 0 ? { read: '$(', advance: 1 } : { read: '!', advance: close + 1 };
}

describe('a literal value', () => {
  it.each([
    ['without a dollar sign stays', '/mnt/models', '/mnt/models'],
    ['with a reference has it escaped', '$(HOME)/x', '$$(HOME)/x'],
    ['with an open reference has it escaped', 'a$(', 'a$$('],
    ['with two dollar signs keeps both', '$$', '$$$'],
    ['with an escape that is meant as it stands keeps it', '$$(HOME)', '$$$$(HOME)'],
    ['with a lone dollar sign before a letter stays', '$HOME', '$HOME'],
    ['with a dollar sign at its end stays', 'cost$', 'cost$'],
    ['with a dollar sign before a letter that is not ASCII is kept from being cut', '$\u00e9', '$$\u00e9'],
    ['that is empty stays', '', ''],
  ])('%s', (_, value, written) => {
    expect(literal(value)).toBe(written);
    expect(expand(written)).toBe(value);
  });

  it('is what the container sees, whatever it is', () => {
    const pieces = fc.constantFrom('$', '$$', '(', ')', '$(', 'A', '$(A)', '\u00e9', '\u4e2d', '\u{1f600}', ' ');
    const texts = fc.oneof(
      fc.array(pieces).map(all => all.join('')),
      fc.string({ unit: 'grapheme' }),
    );

    fc.assert(fc.property(texts, value => expect(expand(literal(value))).toBe(value)));
  });

  it('shows the difference where nothing is escaped', () => {
    expect(expand('$(HOME)')).toBe('!');
    expect(expand('$\u00e9')).not.toBe('$\u00e9');
  });
});

it.each([
  ['KUBEFLOW_AREA', true],
  ['K8S_POD_NAME', true],
  ['KUBEFLOW_RUN_ID', false],
  ['constructor', false],
])('says of %s whether it is one that Waymark writes', (name, expected) => {
  expect(isVariableName(name)).toBe(expected);
});
