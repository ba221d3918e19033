import { describe, expect, it } from '@jest/globals';
import type { Report } from './report.ts';
import { reportText, summaryText } from './text-report.ts';

const object = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function report(changes: Partial<Report> = {}): Report {
  return {
    code: 'WM049',
    rule: 'ReplicasBounds',
    severity: 'error',
    object,
    place: { file: 'shop.yaml', start: { line: 12, column: 9 }, end: { line: 12, column: 10 } },
    sourceLine: '    max: 1',
    path: 'replicas.max',
    message: '`replicas.max` must be greater, but is 1',
    fix: 'write `max: 2`',
    related: [],
    ...changes,
  };
}

function at(column: number, end: number, endLine = 12): NonNullable<Report['place']> {
  return { file: 'shop.yaml', start: { line: 12, column }, end: { line: endLine, column: end } };
}

describe('a finding in text', () => {
  it('is place, rule, source line, caret and fix', () => {
    expect(reportText(report(), false)).toBe(
      [
        'shop.yaml:12:9: error WM049: `replicas.max` must be greater, but is 1',
        '    max: 1',
        '        ^',
        'fix: write `max: 2`',
        '',
      ].join('\n'),
    );
  });

  it('names the other places last', () => {
    const other = { place: at(1, 2), object, message: 'first written here' };

    expect(reportText(report({ related: [other] }), false)).toMatch(/\nsee: shop\.yaml:12:1: first written here\n$/);
  });

  it('names the object where it has no place', () => {
    expect(reportText(report({ place: undefined }), false)).toBe(
      'Deployment shop/web: error WM049: `replicas.max` must be greater, but is 1\nfix: write `max: 2`\n',
    );
  });

  it.each([
    ['all of a word', '  hpa: x', at(3, 6), '  ^^^'],
    ['the rest of the line when the place ends in another one', '  hpa: x', at(3, 4, 14), '  ^^^^^^'],
    ['one character when the place is empty', '  hpa: x', at(3, 3), '  ^'],
    ['behind the end of the line', 'hpa:', at(5, 5), '    ^'],
    ['behind a tab, whatever its width', '\thpa: x', at(2, 5), '\t^^^'],
    ['behind wide characters, which take two columns', '模型: x', at(5, 6), '      ^'],
    ['wide characters with two columns each', 'm: 模型', at(4, 6), '   ^^^^'],
    ['behind a picture of two units and two columns', '\u{1F600}: x', at(5, 6), '    ^'],
    ['behind a flag, which is two characters and one picture', '\u{1F1E9}\u{1F1EA}: x', at(7, 8), '    ^'],
    ['behind pictures that are joined', '\u{1F468}\u200d\u{1F469}\u200d\u{1F467}: x', at(11, 12), '    ^'],
    ['behind an accent of its own, which takes no column', 'e\u0301: x', at(5, 6), '   ^'],
    ['behind half-width and full-width letters', 'ｱＡ: x', at(5, 6), '     ^'],
    ['behind what cannot be shown, which is one sign', '\u001b[1m\u2028\ud800: x', at(9, 10), '        ^'],
    ['a tab as one column', 'a:\tb', at(2, 5), ' ^^^'],
    ['behind tabs between wide characters', '模\t型\tx', at(5, 6), '  \t  \t^'],
  ])('marks %s', (_, sourceLine, place, caret) => {
    const [, , got] = reportText(report({ sourceLine, place }), false).split('\n');

    expect(got).toBe(caret);
  });

  it('shows a piece of a long line', () => {
    const sourceLine = `${'x'.repeat(5000)}bad${'y'.repeat(5000)}`;

    const [, shown = '', caret = ''] = reportText(report({ sourceLine, place: at(5001, 5004) }), false).split('\n');

    expect(shown.length).toBeLessThanOrEqual(120);
    expect(shown.slice(caret.indexOf('^'), caret.length)).toBe('bad');
  });

  it('cuts no character of a long line in half', () => {
    const sourceLine = `${'\u{1F600}'.repeat(100)}bad${'\u{1F600}'.repeat(100)}`;

    for (const shift of [0, 1]) {
      const [, shown = ''] = reportText(
        report({ sourceLine: 'x'.repeat(shift) + sourceLine, place: at(201 + shift, 204 + shift) }),
        false,
      ).split('\n');
      expect(shown).toMatch(/^(?:\u{1F600}|[badx])+$/u);
    }
  });

  it('S-22: sends no control sequence of a file to the terminal', () => {
    const hostile = '\u001b[31mred\u0007\u202eright\rleft';

    const got = reportText(report({ sourceLine: hostile, message: hostile, fix: hostile }), true);

    // eslint-disable-next-line no-control-regex -- our own colours are the only sequences left
    expect(got.replace(/\u001b\[\d+m(?=error|\^|:|\n)/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('is coloured only where asked', () => {
    expect(reportText(report(), true)).toContain('\u001b[31merror WM049\u001b[39m');
    expect(reportText(report(), false)).not.toContain('\u001b');
  });
});

describe('the summary', () => {
  it.each([
    ['counts both kinds', ['error', 'error', 'warning'], '2 errors, 1 warning'],
    ['leaves out what there is none of', ['warning', 'warning'], '2 warnings'],
  ] as const)('%s', (_, severities, text) => {
    expect(summaryText(severities.map(severity => report({ severity })))).toBe(text);
  });
});
