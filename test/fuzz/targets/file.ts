import { CATALOGUE } from '../../../shared/findings/catalogue.ts';
import { parseAllDocuments } from 'yaml';
import { strayStrings } from '../../support/alphabets.ts';
import { waymark } from '../../support/command-line.ts';
import type { JsonFinding, Outcome } from '../../support/command-line.ts';
import { mutateText } from '../mutate-text.ts';
import { checkPrototypes } from '../promises.ts';
import { fileSeeds } from '../seeds.ts';
import { hashOf, must } from '../target.ts';
import type { Target } from '../target.ts';
import { oneOf } from '../worlds.ts';

const CODES = new Set<string>(CATALOGUE.map(({ code }) => code));

/** Line ends and tabs may stand in what is printed; what else cannot be seen may not. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** A file of manifests, through the command line as it is typed. */
export const file: Target = {
  name: 'file',
  share: 0.015,
  // A file may be as long as its author has patience for, and is read twice here.
  limit: 10_000,
  seeds: fileSeeds,
  mutate: mutateText,
  async run(text) {
    const json = await waymark(['lint', '-f', '-', '--format', 'json'], text);
    checkOutcome(json);
    if (json.status !== 2) checkPlaces(JSON.parse(json.out) as readonly JsonFinding[], text);
    const { args, check } = oneOf(OTHERS, hashOf(text));
    const other = await waymark([...args, '-f', '-'], text);
    checkOutcome(other);
    must((other.status === 2) === (json.status === 2), 'all ways of asking read the same files', other.err);
    if (other.status !== 2) check(other.out);
    checkPrototypes();
  },
};

interface OtherWay {
  readonly args: readonly string[];
  readonly check: (out: string) => void;
}

const OTHERS: readonly OtherWay[] = [
  { args: ['lint'], check: out => must(!UNPRINTABLE.test(out), 'what is printed can be seen', out) },
  { args: ['lint', '--format', 'github'], check: checkCommands },
  { args: ['lint', '--format', 'sarif'], check: out => must(isMap(JSON.parse(out)), 'SARIF is an object', out) },
  { args: ['lint', '--policy'], check: out => must(!UNPRINTABLE.test(out), 'what is printed can be seen', out) },
  { args: ['render'], check: checkRendered },
];

/** No line of a file becomes a command of its own. */
function checkCommands(out: string): void {
  for (const line of out.split('\n').slice(0, -1)) {
    must(/^::(?:error|warning) [^\n]*::/.test(line), 'S-01: each line is one command of ours', line);
    must(!UNPRINTABLE.test(line), 'what is printed can be seen', line);
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function checkOutcome({ status, err }: Outcome): void {
  must(!err.includes('ended unexpectedly'), 'nothing is thrown', err);
  must(status !== 2 || err !== '', 'what cannot be read is said to be so');
  must(!UNPRINTABLE.test(err), 'what is printed can be seen', err);
}

function checkPlaces(findings: readonly JsonFinding[], text: string): void {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (const { code, line, column, endLine, endColumn } of findings) {
    must(CODES.has(code), 'a code is in the catalogue', code);
    const inside = (at: number, unit: number) => at >= 1 && unit >= 1 && unit <= (lines[at - 1]?.length ?? -1) + 1;
    must(inside(line, column) && inside(endLine, endColumn), 'a place is inside the file', [
      line,
      column,
      endLine,
      endColumn,
    ]);
    must(endLine > line || (endLine === line && endColumn >= column), 'a place ends behind its start');
  }
}

function checkRendered(out: string): void {
  for (const document of parseAllDocuments(out)) {
    must(document.errors.length === 0, 'what is rendered is YAML', document.errors);
    const object = document.toJS() as { kind?: string } | null;
    if (object?.kind === undefined || object.kind === 'Deployment') continue;
    // The keys of the selector are the Deployment's own, and an API server would have looked at them before.
    const stray = strayStrings(object).filter(text => !text.startsWith('/spec/selector/'));
    must(stray.length === 0, 'S-01: a string is of the alphabet of its field', stray);
  }
}
