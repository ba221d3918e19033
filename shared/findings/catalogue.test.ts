import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, codeOf } from './catalogue.ts';
import type { FindingName } from './catalogue.ts';

describe('the catalogue', () => {
  it('gives every code and every name once, codes ascending', () => {
    const codes = CATALOGUE.map(row => row.code);

    expect(codes).toEqual([...new Set(codes)].sort());
    expect(new Set(CATALOGUE.map(row => row.name)).size).toBe(codes.length);
  });

  it.each(CATALOGUE.map(row => [row.code, row] as const))('%s is complete', (code, row) => {
    expect(code).toMatch(/^WM\d{3}$/);
    expect(row.name).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(row.meaning).toMatch(/^[A-Z`].*\.$/s);
    expect(row.bad).not.toBe('');
    expect(row.good).not.toBe('');
    expect(row.bad).not.toBe(row.good);
    expect(codeOf(row.name as FindingName)).toBe(code);
  });

  it('keeps every code and name that there ever was', () => {
    const published = readFileSync(join(import.meta.dirname, 'codes.txt'), 'utf8')
      .trim()
      .split('\n');
    const rows = CATALOGUE.map(({ code, name }) => `${code} ${name}`);

    expect(published.filter(line => !rows.includes(line))).toEqual([]);
    expect(rows.filter(line => !published.includes(line))).toEqual([]);
  });

  it('marks only errors as stopping something', () => {
    expect(CATALOGUE.filter(row => row.stops !== undefined && row.severity !== 'error')).toEqual([]);
  });
});
