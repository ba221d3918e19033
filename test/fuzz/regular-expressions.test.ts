import { describe, expect, it } from '@jest/globals';
import { dictionaryOf } from './dictionary.ts';
import { attacksOn, literalsIn, matches } from './regular-expressions.ts';
import type { Attack } from './regular-expressions.ts';

const KIB = 1024;
/** Milliseconds; what is linear needs a hundredth of it, what is quadratic more for a tenth of the text. */
const BUDGET = 150;

/** Expressions that see short texts only, by their source, and why. They keep to the budget up to 2 KiB all the same. */
const SEE_SHORT_TEXTS: Readonly<Record<string, string>> = {
  '-+$': 'names that have been cut to 54 characters',
  '(\\d+)([a-z]+)': 'durations whose form has been checked: at most 52 characters',
};

/** Expressions that are put together while the program is loaded or runs. */
async function recorded(): Promise<readonly { readonly name: string; readonly regex: RegExp }[]> {
  const made: RegExp[] = [];
  const Native = globalThis.RegExp;
  globalThis.RegExp = new Proxy(Native, {
    construct(target, args: [string, string?]) {
      const regex = new target(...args);
      made.push(regex);
      return regex;
    },
  });
  try {
    await import('../../shared/annotation/plain-document.ts');
    const { hasBuiltInForm } = await import('../../shared/render/names.ts');
    hasBuiltInForm('a.b.service.example.com', 'service.example.com', {
      hostTemplate: '{prefix}{service}.{namespace}.{domain}',
    });
    await import('../../webhook/review.ts');
  } finally {
    globalThis.RegExp = Native;
  }
  return made.map(regex => ({ name: `made at run time: ${regex.source.slice(0, 60)}`, regex }));
}

const written = literalsIn(['shared', 'webhook', 'runtime']).map(({ file, line, regex }) => ({
  name: `${file}:${line}`,
  regex,
}));
const made = await recorded();
const { keys, values } = dictionaryOf();
const texts = [...values, ...keys];

function timeOf(regex: RegExp, text: string): number {
  const begin = performance.now();
  matches(regex, text);
  return performance.now() - begin;
}

/** Of this thread alone, and of two rounds the better one: the machine may be busy. */
function isOverBudget(regex: RegExp, text: string): boolean {
  return [1, 2].every(() => {
    const begin = process.threadCpuUsage();
    matches(regex, text);
    const { user, system } = process.threadCpuUsage(begin);
    return (user + system) / 1_000 > BUDGET;
  });
}

/** Short ones first, in small steps: what is exponential shows there, and would never end on a long one. */
const LENGTHS = [18, 22, 24, 26, 32, 64, 512, 2 * KIB];
const LONG_LENGTHS = [4, 8, 16, 32, 64, 128, 256].map(count => count * KIB);

interface Climb {
  /** Where the budget was passed; absent = nowhere. */
  readonly hurtsAt?: number;
  /** Milliseconds of the longest text. */
  readonly took: number;
}

function climb(regex: RegExp, attack: Attack, lengths: readonly number[]): Climb {
  let took = 0;
  for (const length of lengths) {
    const text = attack(length);
    took = timeOf(regex, text);
    if (took > BUDGET && isOverBudget(regex, text)) return { hurtsAt: length, took };
  }
  return { took };
}

/** The length at which an attack passes the budget: of all attacks up to 2 KiB, then of the worst ones. */
function lengthThatHurts(regex: RegExp, known: readonly string[]): number | undefined {
  const short: { readonly attack: Attack; readonly took: number }[] = [];
  for (const attack of attacksOn(regex, known)) {
    const { took, hurtsAt } = climb(regex, attack, LENGTHS);
    if (hurtsAt !== undefined) return hurtsAt;
    short.push({ attack, took });
  }
  if (Object.hasOwn(SEE_SHORT_TEXTS, regex.source)) return undefined;
  for (const { attack } of short.sort((a, b) => b.took - a.took).slice(0, 8)) {
    const { hurtsAt } = climb(regex, attack, LONG_LENGTHS);
    if (hurtsAt !== undefined) return hurtsAt;
  }
  return undefined;
}

describe('S-02: no text keeps a regular expression busy for long', () => {
  it('knows all of them, and no exception that there is not', () => {
    const sources = new Set(written.map(({ regex }) => regex.source));
    expect(Object.keys(SEE_SHORT_TEXTS).filter(source => !sources.has(source))).toEqual([]);
    expect(written.length).toBeGreaterThan(60);
    expect(made.length).toBeGreaterThanOrEqual(7);
  });

  it.each([...written, ...made])('$name', ({ regex }) => {
    expect(lengthThatHurts(regex, texts)).toBeUndefined();
  });

  it.each([
    ['a search that begins anew at every place', / +$/],
    ['a loop in a loop', /^(?:[a-z]+\.?)+$/],
    ['two loops that share their letters', /^[a-z0-9]*[a-z.]*;$/],
  ])('would find %s', (_, regex) => {
    expect(lengthThatHurts(regex, ['abc', 'a.b.example', 'abc;'])).toBeDefined();
  });
});
