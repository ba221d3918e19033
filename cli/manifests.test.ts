import { describe, expect, it } from '@jest/globals';
import { Failure } from './failure.ts';
import { readManifests } from './manifests.ts';
import type { Manifest } from './manifests.ts';

const KEY = 'waymark.dev/config';
const name = { in: 'field', path: ['metadata', 'name'] } as const;

function read(text: string): readonly Manifest[] {
  return readManifests({ name: 'shop.yaml', text });
}

function only(text: string): Manifest {
  const [manifest, ...more] = read(text);
  if (manifest === undefined || more.length > 0) throw new Error(`${String(more.length + 1)} objects`);
  return manifest;
}

/** `line:column` of a needle inside the annotation's value. */
function placeInAnnotation(text: string, needle: string): string {
  const manifest = only(text);
  const { annotations } = manifest.value['metadata'] as { annotations: Record<string, string> };
  const start = annotations[KEY]?.indexOf(needle) ?? -1;
  const range = { start, end: start + needle.length };
  const origin = { line: 1, column: 1 };
  const place = manifest.placeOf({ in: 'annotation', key: KEY, range, start: origin, end: origin });
  return `${place.start.line}:${place.start.column}-${place.end.line}:${place.end.column}`;
}

const HEAD = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n`;

describe('a place in an annotation', () => {
  const cases: Record<string, { text: string; place: string }> = {
    'in a literal block': { text: `${HEAD}    ${KEY}: |\n      a: 1\n      kind: x\n`, place: '7:7-7:14' },
    'with Windows line ends': {
      text: `${HEAD}    ${KEY}: |\n      a: 1\n      kind: x\n`.replaceAll('\n', '\r\n'),
      place: '7:7-7:14',
    },
    'in a quoted scalar': { text: `${HEAD}    ${KEY}: "a: 1\\nkind: x"\n`, place: '5:32-5:39' },
    'in JSON': {
      text: JSON.stringify(
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { annotations: { [KEY]: 'a: 1\nkind: x' } } },
        undefined,
        '\t',
      ),
      place: '6:33-6:40',
    },
    'in the second document of a file': {
      text: `# nothing here\n---\n${HEAD}    ${KEY}: |\n      kind: x\n`,
      place: '8:7-8:14',
    },
    'in an item of a List': {
      text: `apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    annotations:\n      ${KEY}: |\n        kind: x\n`,
      place: '9:9-9:16',
    },
    'behind an alias stands where the anchor is': {
      text: `x: &text |\n  kind: x\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    ${KEY}: *text\n`,
      place: '2:3-2:10',
    },
  };

  it.each(Object.entries(cases))('%s', (_, { text, place }) => {
    const got = placeInAnnotation(text, 'kind: x');

    expect(got).toBe(place);
  });
});

describe('a place of a field', () => {
  const text = `${HEAD}    waymark.dev/confg: x\n  name: shop\nspec: {replicas: 1}\n`;
  const annotation = { in: 'field', path: ['metadata', 'annotations', 'waymark.dev/confg'] } as const;

  it.each([
    ['is the value', name, 'value', '6:9-6:13'],
    ['is the key where the key is meant', annotation, 'key', '5:5-5:22'],
    ['of a missing field is its parent', { in: 'field', path: ['spec', 'template', 'spec'] }, 'value', '7:7-7:8'],
    ['of a field of nothing is the object', { in: 'field', path: ['status', 'x'] }, 'value', '1:1-1:2'],
    ['of an item that is not there is the list', { in: 'field', path: ['metadata', 0] }, 'value', '4:3-4:4'],
  ] as const)('%s', (_, site, of, expected) => {
    const { start, end } = only(text).placeOf(site, of);

    expect(`${start.line}:${start.column}-${end.line}:${end.column}`).toBe(expected);
  });
});

describe('reading a file', () => {
  it.each([
    [
      'opens a List in a List',
      `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: A}]}]}`,
      ['A'],
    ],
    ['leaves out what is no Kubernetes object', `domain: x\n---\n- 1\n---\nplain\n---\n`, []],
    ['takes an empty file for nothing', ``, []],
    ['keeps the order of the documents', `{apiVersion: v1, kind: B}\n---\n{apiVersion: v1, kind: A}\n`, ['B', 'A']],
    ['takes a List without items for nothing', `{apiVersion: v1, kind: List}`, []],
  ])('%s', (_, text, kinds) => {
    const got = read(text).map(({ value }) => value.kind);

    expect(got).toEqual(kinds);
  });

  it('reads booleans as kubectl does, and nothing else of YAML 1.1', () => {
    const { value } = only('apiVersion: v1\nkind: A\nwords: [yes, Off, "on", 1:30, 010, y]\n');

    expect(value['words']).toEqual([true, false, 'on', '1:30', 10, 'y']);
  });

  it('merges maps', () => {
    const { value } = only('apiVersion: v1\nkind: A\nx: &x {a: 1}\ny: {<<: *x, b: 2}\n');

    expect(value['y']).toEqual({ a: 1, b: 2 });
  });

  it('gives an object no prototype of the file', () => {
    const { value } = only('apiVersion: v1\nkind: A\n__proto__: {polluted: true}\n');

    expect((value as { polluted?: boolean }).polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    ['an open bracket', 'a: [1\n', /^shop\.yaml:2:1: must be YAML: /],
    ['a key twice', 'a: 1\na: 2\n', /^shop\.yaml:2:1: must be YAML: Map keys must be unique$/],
    ['a mistake in a later document', 'a: 1\n---\n\tb: 1\n', /^shop\.yaml:3:1: must be YAML: /],
    ['an alias without its anchor', 'apiVersion: v1\nkind: A\nb: *a\n', /^shop\.yaml(:3:4)?: must be YAML: /],
    ['aliases that grow without bound', bomb(), /^shop\.yaml: must be YAML: /],
    ['nesting without bound', `a: ${'['.repeat(20_000)}`, /^shop\.yaml.*: must be YAML: /],
  ])('refuses %s with its place', (_, text, message) => {
    const reading = () => read(text);

    expect(reading).toThrow(Failure);
    expect(reading).toThrow(message);
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
  return `apiVersion: v1\nkind: A\nl0: &l0 x\n${levels.join('\n')}\n`;
}
