import { objectName } from '../../shared/findings/format.ts';
import { reportJson } from '../json-report.ts';
import type { FilePlace } from '../manifests.ts';
import { printable } from '../printable.ts';
import { reportText, summaryText } from '../text-report.ts';
import type { Entry, Migration } from './migration.ts';

const SAID: Readonly<Record<Entry['outcome'], string>> = {
  moved: 'moved',
  already: 'there already',
  left: 'not moved',
  note: 'note',
};

/** One line for each document, what there is to say of the Deployments, and the numbers. */
export function migrationText({ entries, findings }: Migration, color: boolean): string {
  const counts = (['moved', 'already', 'left'] as const)
    .map(outcome => ({ outcome, count: entries.filter(one => one.outcome === outcome).length }))
    .filter(({ count, outcome }) => count > 0 || outcome === 'moved')
    .map(({ outcome, count }) => `${count} ${SAID[outcome]}`);
  const found = summaryText(findings);
  return [
    ...entries.map(entry => `${entryText(entry)}\n`),
    ...findings.map(finding => reportText(finding, color)),
    `${[...counts, ...(found === '' ? [] : [found])].join(', ')}\n`,
  ].join('');
}

function entryText({ outcome, ref, place, message, fix, deployment }: Entry): string {
  const where = `${place.file}:${place.start.line}:${place.start.column}`;
  const isThere = outcome === 'moved' || outcome === 'already';
  const to = isThere && deployment ? ` → Deployment ${deployment.namespace}/${deployment.name}` : '';
  const said = message === '' ? '' : `: ${message}`;
  return printable(
    `${where}: ${SAID[outcome]}: ${objectName(ref)}${to}${said}${fix === undefined ? '' : `; fix: ${fix}`}`,
  );
}

/** The same for scripts; keys are a promise to them. */
export function migrationJson({ entries, findings }: Migration): string {
  const documents = entries.map(({ outcome, ref, place, message, fix, deployment }) => ({
    outcome,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    ...placeJson(place),
    message,
    ...(fix !== undefined && { fix }),
    ...(deployment !== undefined && { deployment: `${deployment.namespace}/${deployment.name}` }),
  }));
  return `${JSON.stringify({ documents, findings: findings.map(reportJson) }, undefined, 2)}\n`;
}

function placeJson({ file, start: { line, column } }: FilePlace) {
  return { file, line, column };
}
