import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { brief, context, mapping, readText, resnet, service } from '../test/support/readings.ts';
import { readDocuments } from './documents.ts';
import { nameOf } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import { read } from './read.ts';

const GOOD = [
  service('modelPath: /m', 'hosts: [a.example.com]', 'replicas: {min: 1, max: 4}', "metrics: 'cpu:50%,mem=2Gi'"),
  mapping("headers: {x-a: '1'}", 'method: POST'),
  mapping('hostname: b.example.com').replace('name: one', 'name: two'),
  mapping('service: web:81', 'timeout_ms: 0').replace('name: one', 'name: three'),
];
const WRONG = [
  mapping('weight: 1', 'prefx: /', 'bypass_auth: true').replace('name: one', 'name: four'),
  mapping('host: a.example.com:1', 'service: httpbin.org').replace('name: one', 'name: five'),
  'kind: TCPMapping\n',
  'a: [\n',
  'word\n',
  'apiVersion: waymark.dev/v1\nkind: Mapping\nname: six\nprefix: &p /six/\n',
];

const documents = fc.shuffledSubarray([...GOOD, ...WRONG], { minLength: 1 });

/** A good text with pieces cut out, doubled or replaced. */
const mutated = fc
  .tuple(
    fc.shuffledSubarray(GOOD, { minLength: 1 }),
    fc.array(fc.record({ at: fc.nat(), cut: fc.nat(12), put: fc.oneof(fc.string({ maxLength: 4 }), piece()) }), {
      maxLength: 4,
    }),
  )
  .map(([texts, edits]) =>
    edits.reduce((text, { at, cut, put }) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + cut);
    }, texts.join('---\n')),
  );

function piece(): fc.Arbitrary<string> {
  return fc.constantFrom(
    '\n',
    '---\n',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '*a',
    '!!x ',
    '|',
    '>',
    '#',
    '%',
    '\t',
    '\r\n',
  );
}

const anyText = fc.oneof(
  mutated,
  fc.string({ unit: 'binary', maxLength: 200 }),
  documents.map(texts => texts.join('---\n')),
);

/** What is said, each with the document that it is said of. */
function sayings(findings: readonly Finding[], text: string): string[] {
  const documents = text.split('---\n');
  return findings.map(one => {
    let end = 0;
    const { site } = one;
    const said = documents.find(document => {
      end += document.length + 4;
      return site.in === 'annotation' && site.range.start < end;
    });
    return `${nameOf(one)} ${one.path} in ${said ?? 'no document'}`;
  });
}

describe('reading', () => {
  it('never throws, says only what is in the catalogue, and points into the text (F-04)', () => {
    fc.assert(
      fc.property(anyText, text => {
        const { findings, intent } = readText(text);
        for (const { site, must, fix } of findings) {
          expect(must).toMatch(/^(must|has)/);
          expect(fix).not.toBe('');
          if (site.in !== 'annotation') continue;
          expect(site.range.start).toBeGreaterThanOrEqual(0);
          expect(site.range.end).toBeGreaterThanOrEqual(site.range.start);
          expect(site.range.end).toBeLessThanOrEqual(text.length);
          expect(site.start.line).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length);
        }
        expect(intent !== undefined || findings.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('says everything in document order, and the same each time', () => {
    fc.assert(
      fc.property(anyText, text => {
        const first = readText(text).findings;
        const starts = first.flatMap(({ site }) => (site.in === 'annotation' ? [site.range.start] : []));

        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(readText(text).findings).toEqual(first);
      }),
    );
  });

  it('asks for the same and says the same, whatever the order of documents', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (texts, seed) => {
        const one = texts.join('---\n');
        const shuffled = texts.toSorted((a, b) => ((a.length * 7919 + seed) % 13) - ((b.length * 7919 + seed) % 13));
        const other = shuffled.join('---\n');
        const [a, b] = [readText(one), readText(other)];

        expect(sayings(b.findings, other).sort()).toEqual(sayings(a.findings, one).sort());
        expect(new Set(b.intent?.mappings.map(({ name }) => name))).toEqual(
          new Set(a.intent?.mappings.map(({ name }) => name)),
        );
        expect({
          ...b.intent?.service,
          at: 0,
          modelAt: 0,
          versionAt: 0,
          hosts: b.intent?.service?.hosts.map(({ value }) => value),
        }).toMatchObject(
          JSON.parse(
            JSON.stringify({
              ...a.intent?.service,
              at: 0,
              modelAt: 0,
              versionAt: 0,
              autoscaling: undefined,
              hosts: a.intent?.service?.hosts.map(({ value }) => value),
            }),
          ) as object,
        );
      }),
    );
  });

  it('says of every document the same, whatever is wrong with another one', () => {
    fc.assert(
      fc.property(documents, fc.constantFrom(...WRONG), fc.nat(10), (texts, wrong, at) => {
        const others = texts.filter(text => text !== wrong);
        const alone = others.join('---\n');
        const index = at % (others.length + 1);
        const beside = [...others.slice(0, index), wrong, ...others.slice(index)].join('---\n');
        if (alone === '') return;

        const said = sayings(readText(beside).findings, beside);
        expect(said).toEqual(expect.arrayContaining(sayings(readText(alone).findings, alone)));
      }),
    );
  });

  it('changes nothing of what it is given', () => {
    const given = context();
    const one = resnet(`${GOOD.join('---\n')}---\n${WRONG.join('---\n')}`);
    const before = JSON.stringify([one, given.settings]);
    freeze(one);
    freeze(given.settings);

    read(one, given);

    expect(JSON.stringify([one, given.settings])).toBe(before);
  });
});

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

const KIB_256 = 262_144;
const fill = (text: string) => text.repeat(Math.floor(KIB_256 / text.length)).slice(0, KIB_256);
const head = 'apiVersion: waymark.dev/v1\nkind: Mapping\n';

const HOSTILE: Record<string, [text: string, found: string]> = {
  'three megabytes': ['a'.repeat(3_000_000), 'AnnotationTooLarge'],
  'letters of three bytes, together too long': ['模'.repeat(90_000), 'AnnotationTooLarge'],
  'five thousand documents': ['a: 1\n---\n'.repeat(5000), 'TooManyDocuments'],
  brackets: [fill('['), 'TooDeep'],
  'braces and quotes': [fill('{"a":'), 'TooDeep'],
  'dashes on one line': [`a:\n${fill('- ')}`.slice(0, KIB_256), 'TooDeep'],
  'question marks': [fill('? '), 'TooDeep'],
  stairs: [Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'TooDeep'],
  colons: [fill('a: '), 'TooDeep'],
  commas: [`a: [${fill(',')}`.slice(0, KIB_256), 'TooLong'],
  'a laugh, a billion times': [
    'a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c]\n',
    'YamlFeatureRefused',
  ],
  anchors: [fill('&a '), 'YamlFeatureRefused'],
  directives: [fill('%\n'), 'YamlFeatureRefused'],
  'ends of documents': [fill('...\n'), 'TooLong'],
  'one key again and again': [fill('a: 1\n'), 'TooLong'],
  'closing brackets': [fill(']'), 'TooLong'],
  escapes: [`a: "${fill('\\n')}`.slice(0, KIB_256), 'SyntaxWrong'],
  'control characters': [fill('\0'), 'CharacterRefused'],
  'thousands of unknown fields': [
    `${head}${Array.from({ length: 60 }, (_, i) => `prefix_regx${i}: 1\n`).join('')}---\n`.repeat(63),
    'FieldUnknown',
  ],
  'a thousand empty items': [`${head.replace('Mapping', 'InferenceService')}hosts: "${','.repeat(1000)}"`, 'ItemEmpty'],
};

describe('hostile texts', () => {
  it.each(Object.entries(HOSTILE))('%s: refused with a place, in little time', (_, [text, found]) => {
    const start = process.cpuUsage();
    const { complaints } = readDocuments(text);
    const { user, system } = process.cpuUsage(start);

    expect(complaints[0]?.name).toBe(found);
    // 200 ms wanted; twice that, since this machine may be a slower one.
    expect((user + system) / 1000).toBeLessThan(400);
  });

  it('leave no memory behind', () => {
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 200; round++) readText(`${fill('[')}${round}`.slice(4));

    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000);
  });

  it('never take the name of a property for a field', () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    const { findings } = readText(mapping(...names.map(name => `${name}: 1`)));

    expect(findings.map(brief)).toEqual(names.map((name, i) => `FieldUnknown ${5 + i}:1 ${name}`));
  });
});
