import { catalogueRow } from './catalogue.ts';
import { isError } from './finding.ts';
import type { Finding, ObjectRef, Site } from './finding.ts';

/** Longer denials are cut: kubectl prints them whole, and the API server keeps them in memory and in its audit log. */
const DENIAL_LINES = 40;
const DENIAL_LENGTH = 16_384;
/** The API server drops what is longer than 256 runes, and warns itself where all are long. */
const WARNING_RUNES = 256;
/** Kubernetes' limit for the message of an Event is 1024 bytes. */
const EVENT_BYTES = 1024;

/** What must hold and what was found, as one sentence that names the field. */
export function sentence(finding: Finding): string {
  const subject = finding.path === '' ? '' : `\`${finding.path}\` `;
  return [subject + finding.must, finding.found].filter(part => part !== '').join(', ');
}

/** `waymark.dev/config 3:19`, or the field of the object: `metadata.name`. */
export function placeOf(site: Site): string {
  if (site.in === 'annotation') return `${site.key} ${site.start.line}:${site.start.column}`;
  return fieldPath(site.path);
}

/** `metadata.annotations['waymark.dev/confg']`, `spec.template.spec.containers[0].env`. */
export function fieldPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return `${text}['${step}']`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A name has at most 253 characters, a namespace 63; a webhook is asked before anyone has counted them. */
const OBJECT_RUNES = 400;

/** `Deployment shop/web`. */
export function objectName(object: ObjectRef): string {
  return cutRunes(
    `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`,
    OBJECT_RUNES,
  );
}

/** One finding on one line, with its code, place, related places and fix. */
export function findingLine(finding: Finding): string {
  const related = finding.related.map(
    ({ object, site, message }) => ` (${message}: ${objectName(object)} ${placeOf(site)})`,
  );
  return oneLine(
    `${finding.code} ${placeOf(finding.site)}: ${sentence(finding)}${related.join('')}; fix: ${finding.fix}`,
  );
}

/**
 * The message of a denial: a line that names the object, then one line for each error. At most 40 lines and 16384
 * characters; what does not fit is counted. Without an error among the findings it is empty.
 */
export function denialMessage(findings: readonly Finding[]): string {
  const errors = findings.filter(isError);
  const [first] = errors;
  if (first === undefined) return '';
  const places = errors.length === 1 ? '1 finding' : `${errors.length} findings`;
  const lines = [oneLine(`${objectName(first.object)} is refused by Waymark, ${places}:`)];
  let length = lines[0]?.length ?? 0;
  for (const [index, error] of errors.entries()) {
    const line = findingLine(error);
    if (index >= DENIAL_LINES || length + line.length > DENIAL_LENGTH) {
      lines.push(`and ${errors.length - index} more; \`waymark lint\` shows them all`);
      break;
    }
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}

/** One admission warning: one line without control characters, at most 256 characters as the API server counts. */
export function warningText(finding: Finding): string {
  return cutRunes(findingLine(finding), WARNING_RUNES);
}

/** The message of an Event: one line of at most 1024 bytes. Its reason is `nameOf(finding)`. */
export function eventMessage(finding: Finding): string {
  return cutBytes(findingLine(finding), EVENT_BYTES);
}

/** The value of the audit annotation: the codes and places of all findings, errors first; at most 16384 characters. */
export function auditValue(findings: readonly Finding[]): string {
  const entries = [...findings.filter(isError), ...findings.filter(finding => !isError(finding))].map(
    finding => `${finding.code} ${catalogueRow(finding.code).name} ${placeOf(finding.site)}`,
  );
  return cutRunes(oneLine(entries.join(', ')), DENIAL_LENGTH);
}

/** What cannot be seen is shown as `?`: a message must never reorder, hide or add lines to the reader's terminal. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

function cutRunes(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A rune has at most two units: what lies behind is never looked at.
  const runes = Array.from(text.slice(0, 2 * limit));
  return runes.length <= limit && text.length <= 2 * limit ? text : `${runes.slice(0, limit - 1).join('')}…`;
}

function cutBytes(text: string, limit: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limit) return text;
  const kept = new TextDecoder().decode(bytes.subarray(0, limit - 3));
  return `${kept.replace(/\uFFFD+$/u, '')}…`;
}
