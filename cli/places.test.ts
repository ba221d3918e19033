import { describe, expect, it } from '@jest/globals';
import { readManifests } from './manifests.ts';

const KEY = 'waymark.dev/config';
const HEAD = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n';

/** `line:column-line:column` of what stands between ⟦ and ⟧, counted by hand, and the text without them. */
function marked(text: string): { readonly text: string; readonly place: string } {
  const clean = text.replace(/[⟦⟧]/gu, '');
  const start = text.indexOf('⟦');
  const end = text.indexOf('⟧') - 1;
  const position = (offset: number) => {
    const lines = clean.slice(0, offset).split(/\r\n|\n/);
    return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
  };
  return { text: clean, place: `${position(start)}-${position(end)}` };
}

/** Where the one object of the file that has `needle` in its annotation is said to have it. */
function placeOf(text: string, needle: string): string {
  const found = readManifests({ name: 'shop.yaml', text }).flatMap(manifest => {
    const { annotations } = manifest.value['metadata'] as { annotations: Readonly<Record<string, string>> };
    const start = annotations[KEY]?.indexOf(needle) ?? -1;
    return start === -1 ? [] : [{ manifest, start }];
  });
  const [{ manifest, start }, ...others] = found as [(typeof found)[number], ...typeof found];
  expect(others).toEqual([]);
  const origin = { line: 1, column: 1 };
  const range = { start, end: start + needle.length };
  const place = manifest.placeOf({ in: 'annotation', key: KEY, range, start: origin, end: origin });
  return `${place.start.line}:${place.start.column}-${place.end.line}:${place.end.column}`;
}

/** A file with one Deployment whose annotation is written like this, behind its key. */
function file(value: string): string {
  return `${HEAD}    ${KEY}: ${value}`;
}

/** As kubectl prints it. */
function json(value: string): string {
  return `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","annotations":{"${KEY}":"${value}"}}}`;
}

const windows = (text: string) => text.replaceAll('\n', '\r\n');

describe('the place of `hpa` in the file', () => {
  const cases: Record<string, string> = {
    // Literal blocks.
    'in a literal block': file('|\n      type: web\n      ⟦hpa⟧: x\n'),
    'on the first line of a literal block': file('|\n      ⟦hpa⟧: x\n'),
    'on the last line of a file without an end': file('|\n      a: 1\n      ⟦hpa⟧: x'),
    'in a literal block that strips its end': file('|-\n      a: 1\n      ⟦hpa⟧: x\n\n\n'),
    'in a literal block that keeps its end': file('|+\n      a: 1\n      ⟦hpa⟧: x\n\n\n'),
    'in a literal block with an indentation indicator': file('|2\n        a: 1\n       ⟦hpa⟧: x\n'),
    'in a literal block with indicator and chomping': file('|1-\n     ⟦hpa⟧: x\n'),
    'in a literal block with chomping and indicator': file('|+3\n       ⟦hpa⟧: x\n\n'),
    'in a literal block behind a comment on its header': file('| # why not\n      ⟦hpa⟧: x\n'),
    'in a literal block behind empty lines': file('|\n\n\n      ⟦hpa⟧: x\n'),
    'in a literal block behind lines of blanks that are too short': file('|\n\n   \n      ⟦hpa⟧: x\n'),
    'in a literal block behind a line of blanks that is longer': file('|2\n          \n       ⟦hpa⟧: x\n'),
    'in a literal block behind a tab': file('|\n      a:\t\t⟦hpa⟧\n'),
    'in a literal block behind a comment of its own': file('|\n      # hp\n      ⟦hpa⟧: x # why\n'),
    'in a literal block behind wide characters': file('|\n      m: {模型: 1, \u{1F600}: 2, ⟦hpa⟧: x}\n'),
    'in the second document of a literal block': file('|\n      ---\n      a: 1\n      ---\n      ⟦hpa⟧: x\n'),
    'in a literal block with Windows line ends': windows(file('|\n      a: 1\n\n      ⟦hpa⟧: x\n')),
    // Folded blocks.
    'in a folded block': file('>\n      type: web\n\n      ⟦hpa⟧: x\n'),
    'in a folded block behind a line that was joined': file('>\n      type:\n      web\n\n      ⟦hpa⟧: x\n'),
    'in a folded block, joined itself': file('>\n      a: 1\n      ⟦hpa⟧: x\n'),
    'in a folded block behind lines that are indented more': file(
      '>\n      a:\n        b: 1\n        c: 2\n      ⟦hpa⟧: x\n',
    ),
    'in a line of a folded block that is indented more': file(
      '>\n      a: 1\n        b: 1\n        ⟦hpa⟧: x\n      c: 1\n',
    ),
    'in a folded block that strips its end': file('>-\n      a: 1\n\n      ⟦hpa⟧: x\n\n'),
    'in a folded block that keeps its end': file('>+\n      a: 1\n\n      ⟦hpa⟧: x\n\n\n'),
    'in a folded block with an indentation indicator': file('>2\n         a: 1\n       ⟦hpa⟧: x\n'),
    'in a folded block behind many empty lines': file('>\n\n\n      a: 1\n\n\n\n      ⟦hpa⟧: x\n'),
    'in a folded block behind blanks at the end of a line': file('>\n      a: 1   \n      b   \n\n      ⟦hpa⟧: x\n'),
    'in a folded block with Windows line ends': windows(
      file('>\n      a: 1\n\n      b: 2\n      c\n\n      ⟦hpa⟧: x\n'),
    ),
    // Quoted scalars.
    'in single quotes': file("'⟦hpa⟧: x'\n"),
    'in single quotes behind a quote': file("'a: ''b'' ⟦hpa⟧'\n"),
    'in single quotes of several lines': file("'a: 1\n\n      ⟦hpa⟧: x'\n"),
    'in single quotes behind a line that was joined': file("'a:\n      1\n\n\n      ⟦hpa⟧: x'\n"),
    'in double quotes': file('"a: 1\\n⟦hpa⟧: x"\n'),
    'in double quotes behind escapes of every length': file('"\\x41\\u00e9\\U0001F600\\t\\"\\\\\\/: 1\\n⟦hpa⟧: x"\n'),
    'in double quotes of several lines': file('"a: 1\n\n      ⟦hpa⟧: x"\n'),
    'in double quotes behind an escaped line end': file('"a: 1\\n\\\n      ⟦hpa⟧: x"\n'),
    'in double quotes behind an escaped line end and an empty line': file('"a: 1\\\n\n      ⟦hpa⟧: x"\n'),
    'in double quotes behind blanks in front of a line end': file('"a: 1  \t \n\n      \t⟦hpa⟧: x"\n'),
    'in double quotes, escaped itself': file('"⟦\\x68\\u0070a⟧: x"\n'),
    'in double quotes with Windows line ends': windows(file('"a: 1\n\n      ⟦hpa⟧: x"\n')),
    // Plain scalars.
    'in a plain scalar': file('a b ⟦hpa⟧ c\n'),
    'in a plain scalar of several lines': file('a\n      b\n\n      ⟦hpa⟧ c\n'),
    'in a plain scalar in front of a comment': file('a ⟦hpa⟧ # why\n'),
    // JSON.
    'in JSON': json('a: 1\\n⟦hpa⟧: x'),
    'in JSON behind line and paragraph separators': json('a: \\"\\u2028\u2029\\"\\n⟦hpa⟧: x'),
    'in JSON behind a pair of escapes': json('a: \\uD83D\\uDE00\\n⟦hpa⟧: x'),
    'in JSON behind escaped slashes, quotes and tabs': json('a: \\"b\\/c\\"\\t\\r\\n⟦hpa⟧: x'),
    'in JSON of several lines': `{\n\t"apiVersion": "apps/v1", "kind": "Deployment",\n\t"metadata": {"annotations":\n\t{"${KEY}": "⟦hpa⟧"}}}`,
    'in a List of JSON': `{"apiVersion":"v1","kind":"List","items":[${json('a')},\n${json('a: 1\\n⟦hpa⟧: x')}]}`,
    // Around it.
    'in the third document of a file': `---\nkind: A\n---\n# nothing\n---\n${file('|\n      ⟦hpa⟧: x\n')}---\nkind: B\n`,
    'in a List': `apiVersion: v1\nkind: List\nitems:\n- ${file('|\n      ⟦hpa⟧: x\n').replaceAll('\n', '\n  ')}\n`,
    'in a List in a List': `apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [${json('b: 1\\n⟦hpa⟧: x')}]}]`,
    'under a key in double quotes': `${HEAD}    "waymark.dev\\/config": |\n      ⟦hpa⟧: x\n`,
    'under a key in single quotes': `${HEAD}    '${KEY}': |\n      ⟦hpa⟧: x\n`,
    'under an explicit key': `${HEAD}    ? ${KEY}\n    : |\n      ⟦hpa⟧: x\n`,
    'under a key with an anchor': `${HEAD}    &key ${KEY}: &text |\n      ⟦hpa⟧: x\n`,
    'behind a tag': file('!!str |\n      ⟦hpa⟧: x\n'),
    'behind tag and anchor': file('!!str &text "⟦hpa⟧: x"\n'),
    'where the anchor of an alias stands': `text: &text |\n  a: 1\n  ⟦hpa⟧: x\n${file('*text\n')}`,
    'where the anchor of an alias to the map stands': `all: &all\n  ${KEY}: |\n    ⟦hpa⟧: x\n${HEAD.replace('annotations:\n', 'annotations: *all\n')}`,
    'where what is merged stands': `all: &all\n  ${KEY}: |\n    ⟦hpa⟧: x\n${HEAD}    <<: *all\n    b: c\n`,
    'where the first of what is merged stands': `all: [&one {x: y}, &two {${KEY}: ⟦hpa⟧}]\n${HEAD}    <<: [*one, *two]\n`,
    'in a flow map': `${HEAD.replace('annotations:\n', '')}annotations: {b: c, ${KEY}: "⟦hpa⟧: x"}\n`,
    'behind keys behind tabs': `{\t"apiVersion":\t"apps/v1",\t"kind": "Deployment", "metadata":\t{"annotations": {"${KEY}":\t"⟦hpa⟧"}}}`,
  };

  it.each(Object.entries(cases))('%s', (_, written) => {
    const { text, place } = marked(written);

    expect(placeOf(text, 'hpa')).toBe(place);
  });
});
