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

const CODES = new Set<string>(CATALOGUE.map(({ code }) => code));

/** Line ends and tabs may stand in what is printed; what else cannot be seen may not. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** A file of manifests, through the command line as it is typed. */
export const file: Target = {
  name: 'file',
  seeds: fileSeeds,
  mutate: mutateText,
  async run(text) {
    const json = await waymark(['lint', '-f', '-', '--format', 'json'], text);
    checkOutcome(json);
    if (json.status !== 2) checkPlaces(JSON.parse(json.out) as readonly JsonFinding[], text);
    if (hashOf(text) % 2 === 0) {
      const shown = await waymark(['lint', '-f', '-'], text);
      checkOutcome(shown);
      must(shown.status === json.status, 'both formats agree', [shown.status, json.status]);
      must(!UNPRINTABLE.test(shown.out), 'what is printed can be seen', shown.out);
    } else {
      const rendered = await waymark(['render', '-f', '-'], text);
      checkOutcome(rendered);
      must((rendered.status === 2) === (json.status === 2), 'render and lint read the same files', rendered.err);
      checkRendered(rendered.out);
    }
    checkPrototypes();
  },
};

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
    must(strayStrings(object).length === 0, 'S-01: a string is of the alphabet of its field', strayStrings(object));
  }
}
