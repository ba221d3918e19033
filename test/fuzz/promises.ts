import { CATALOGUE, catalogueRow } from '../../shared/findings/catalogue.ts';
import { isError, sortFindings } from '../../shared/findings/finding.ts';
import type { Finding, Site } from '../../shared/findings/finding.ts';
import { auditValue, denialMessage, eventMessage, findingLine, warningText } from '../../shared/findings/format.ts';
import { positionAt } from '../../shared/source.ts';
import { must } from './target.ts';

/** What is promised of findings, whatever the input. */

const CODES = new Set<string>(CATALOGUE.map(({ code }) => code));

/** What no line that reaches a terminal, an Event or an audit log may hold. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Value of a variable of the user's. It must never be said: not in a finding, not in an answer, not in a line of log. */
export const SECRET = 'correct-horse-battery-staple';

/** The same finding comes back from `read`, `admit` and `compile`. */
const checked = new WeakSet<Finding>();

/** `textOf` says which text a finding about an object points into; undefined = that object is not this input's. */
export function checkFindings(
  findings: readonly Finding[],
  textOf: (object: Finding['object'], key: string) => string | undefined,
): void {
  const sorted = sortFindings(findings);
  must(
    sorted.every((one, index) => one === findings[index]),
    'findings are sorted',
  );
  for (const one of findings) {
    if (checked.has(one)) continue;
    checked.add(one);
    must(CODES.has(one.code), 'a code is in the catalogue', one.code);
    checkSite(one.site, key => textOf(one.object, key));
    for (const { object, site, message } of one.related) {
      checkSite(site, key => textOf(object, key));
      must(message !== '', 'a related place says what it is', one);
    }
    must(one.must !== '' && one.fix !== '', 'a finding says what must hold and what helps', one);
    checkLines(one);
  }
}

function checkSite(site: Site, textOf: (key: string) => string | undefined): void {
  if (site.in === 'field') {
    must(site.path.length > 0, 'a field has a path');
    return;
  }
  const { start, end } = site.range;
  const text = textOf(site.key);
  if (text === undefined) return;
  must(start >= 0 && start <= end && end <= text.length, 'a place is inside the text', site);
  must(samePlace(site.start, positionAt(text, start)), 'a start has its line and column', site);
  must(samePlace(site.end, positionAt(text, end)), 'an end has its line and column', site);
}

function samePlace(a: { line: number; column: number }, b: { line: number; column: number }): boolean {
  return a.line === b.line && a.column === b.column;
}

function checkLines(one: Finding): void {
  const line = findingLine(one);
  must(!UNSEEN.test(line), 'a finding is one line that can be seen', line);
  must(line.startsWith(`${one.code} `), 'a line begins with its code', line);
  must(!line.includes(SECRET), 'S-22: a finding says no value of the environment', line);
  const warning = warningText(one);
  must(!UNSEEN.test(warning) && Array.from(warning).length <= 256, 'W21: a warning is one line of 256 runes', warning);
  const event = eventMessage(one);
  must(
    !UNSEEN.test(event) && Buffer.byteLength(event) <= 1024,
    'the message of an Event is one line of 1024 bytes',
    event,
  );
  must(
    catalogueRow(one.code).severity === (isError(one) ? 'error' : 'warning'),
    'a severity is the one of the catalogue',
  );
}

/** What is said of all of them together. */
export function checkMessages(findings: readonly Finding[]): void {
  const denial = denialMessage(findings);
  must((denial === '') === !findings.some(isError), 'a denial has a reason, and only a denial has');
  const lines = denial === '' ? [] : denial.split('\n');
  must(denial === '' || /^WM\d{3} /.test(lines[1] ?? ''), 'a denial shows its first finding, however long', denial);
  must(lines.length <= 42 && denial.length <= 24_576, 'a denial is short', denial.length);
  must(
    lines.every(line => line !== '' && !UNSEEN.test(line)),
    'a denial is lines that can be seen',
    denial,
  );
  const audit = auditValue(findings);
  must(!UNSEEN.test(audit) && audit.length <= 32_768, 'W22: an audit annotation is one short line', audit);
}

/** A name that every object has from its prototype would be found here. */
export function checkPrototypes(): void {
  must(
    Object.keys(Object.prototype).length === 0 && ({} as Record<string, unknown>)['polluted'] === undefined,
    'the prototype of all objects is as it was',
  );
}
