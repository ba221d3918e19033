import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { lintJson } from '../test/support/command-line.ts';

/** An unknown field, which no other text of a file holds. */
const TOKEN = 'qzxfield';

const KEY = 'waymark.dev/config';

/** Further lines of an InferenceService, which are no mistakes. */
const lines = fc.array(
  fc.oneof(
    fc.constantFrom('', '', '# plain', 'hosts: [a.example.com]', 'timeout: "90s"', "modelPath: '/mnt/it''s'"),
    fc
      .string({ unit: fc.constantFrom('a', 'é', '模', '\u{1F600}', '\t', '"', "'", '\\', '/', '{', ':', ' ') })
      .map(text => `# ${text}x`),
  ),
  { maxLength: 8 },
);

const texts = fc
  .record({
    before: lines,
    after: lines,
    documents: fc.constantFrom(
      '',
      '---\n',
      'apiVersion: getambassador.io/v2\nkind: Mapping\nname: m\nprefix: /a/\n---\n',
    ),
  })
  .map(({ before, after, documents }) => {
    const used = new Set<string>();
    const fresh = [...before, '\0', ...after].filter(line => {
      const [field = ''] = line.split(':');
      return /^(?:#|$)/.test(line) || (!used.has(field) && used.add(field));
    });
    const identity = [
      'apiVersion: waymark.dev/v1',
      'kind: InferenceService',
      'type: web',
      'model: shop',
      'version: v1',
    ];
    return `${documents}${[...identity, ...fresh].join('\n').replace('\0', `${TOKEN}: x`)}\n`;
  });

/** Where the token stands in a file that was printed by others. */
interface Printed {
  readonly file: string;
  readonly token: string;
}

const spec = {
  selector: { matchLabels: { app: 'x' } },
  template: { spec: { containers: [{ name: 'a', image: 'b' }] } },
};

function object(text: string) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web-shop-1', annotations: { other: 'x', [KEY]: text } },
    spec,
  };
}

/** A file by hand, with the annotation's value behind its key. */
function file(value: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-shop-1\n  annotations:\n    ${KEY}: ${value}\nspec: ${JSON.stringify(spec)}\n`;
}

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

type Writer = (text: string, random: number) => Printed;

const printedByYaml =
  (defaultStringType: 'BLOCK_FOLDED' | 'BLOCK_LITERAL' | 'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE'): Writer =>
  (text, random) => ({
    file: stringify(object(text), {
      defaultStringType,
      lineWidth: [0, 40, 80][random % 3] ?? 0,
      indent: 2 + (random % 5),
    }),
    token: TOKEN,
  });

const writers: Record<string, Writer> = {
  'a literal block of the package': printedByYaml('BLOCK_LITERAL'),
  'a folded block of the package': printedByYaml('BLOCK_FOLDED'),
  'single quotes of the package': printedByYaml('QUOTE_SINGLE'),
  'double quotes of the package': printedByYaml('QUOTE_DOUBLE'),
  'what the package takes': printedByYaml('PLAIN'),
  'JSON on one line': text => ({ file: JSON.stringify(object(text)), token: TOKEN }),
  'JSON on many lines': (text, random) => ({
    file: JSON.stringify(object(text), undefined, 1 + (random % 4)),
    token: TOKEN,
  }),
  'JSON with nothing but ASCII, in a List in a List': text => {
    const list = (items: unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
    const ascii = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return { file: JSON.stringify(list([list([object(text)])])).replaceAll(/[^ -~]/g, ascii), token: TOKEN };
  },
  'a literal block by hand': (text, random) => {
    const by = 1 + (random % 9);
    const header = [`|${by}`, `|-${by}`, `|${by}+ # why`][random % 3] ?? '';
    return { file: file(`${header}\n${indented(text, by + 4)}`.trimEnd()), token: TOKEN };
  },
  'a folded block by hand': (text, random) => {
    const header = ['>', '>-', '>+', '> # why'][random % 4] ?? '';
    return {
      file: file(`${header}\n${indented(text.replaceAll(/\n(?=.)/g, '\n\n'), 5 + (random % 3))}`.trimEnd()),
      token: TOKEN,
    };
  },
  'single quotes by hand': text => {
    const folded = text.trimEnd().replaceAll("'", "''").replaceAll('\n', '\n\n      ');
    return { file: file(`'${folded}'`), token: TOKEN };
  },
  'double quotes by hand': (text, random) => {
    let seed = random;
    const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
    const escaped = (character: string): string => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      const code = character.codePointAt(0) ?? 0;
      if (character === '\n') return ['\\n', '\n\n      ', '\\n\\\n      '][seed % 3] ?? '';
      if (character.length === 2 && seed % 2 === 0) return `\\U${hex(code, 8)}`;
      // A blank beside a line end would be taken for its indentation.
      if (/["\\ \t]/.test(character) || seed % 7 === 0) {
        return Array.from({ length: character.length }, (_, unit) => `\\u${hex(character.charCodeAt(unit), 4)}`).join(
          '',
        );
      }
      if (code < 256 && seed % 7 === 1) return `\\x${hex(code, 2)}`;
      return seed % 11 === 0 ? `${character}\\\n     \t` : character;
    };
    const write = (part: string) => Array.from(part, escaped).join('');
    const [before = '', after = ''] = text.split(TOKEN);
    const token = write(TOKEN).replace(/\\\n {5}\t$/, '');
    return { file: file(`"${write(before)}${token}${write(after.trimEnd())}"`), token };
  },
};

function placeOf({ file: text, token }: Printed) {
  const start = text.indexOf(token);
  const position = (offset: number) => {
    const before = text.slice(0, offset).split(/\r\n|\n/);
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  const end = position(start + token.length);
  return { ...position(start), endLine: end.line, endColumn: end.column };
}

describe('a mistake at a random place of a random annotation', () => {
  it.each(Object.entries(writers))('is pointed at exactly in %s', async (_, write) => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.nat(),
        fc.boolean(),
        fc.constantFrom('', '\ufeff'),
        async (text, random, windows, mark) => {
          const written = write(text, random);
          const ends = (part: string) => (windows ? part.replaceAll('\n', '\r\n') : part);
          const printed = { file: ends(written.file), token: ends(written.token) };
          // The package may break a long word in double quotes.
          fc.pre(printed.file.includes(printed.token));

          const findings = await lintJson(mark + printed.file);

          expect(findings.filter(({ path }) => path === TOKEN)).toMatchObject([placeOf(printed)]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
