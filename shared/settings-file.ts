import type { Complaint } from './annotation/complaint.ts';
import { toFinding } from './annotation/complaint.ts';
import type { MapNode, Node } from './annotation/node.ts';
import { parseDocument } from './annotation/parse.ts';
import { splitDocuments } from './annotation/split.ts';
import { MAX_TOKENS } from './annotation/tokens.ts';
import type { Finding } from './findings/finding.ts';
import { isError, sortFindings } from './findings/finding.ts';
import { described } from './fields/field.ts';
import { plainValues, readFields } from './fields/read-fields.ts';
import { SETTINGS } from './fields/settings.ts';
import type { Settings } from './settings.ts';

export const defaultSettings: Settings = withDefaults({});

/** Findings are about the object `Settings <file name>`, with places in the file. `settings` is there when none is an error. */
export interface SettingsReading {
  readonly findings: readonly Finding[];
  readonly settings?: Settings;
}

/** Reads the platform's settings: one YAML document; what it does not say is as in `defaultSettings`. Never throws. */
export function parseSettings(text: string, fileName = 'settings.yaml'): SettingsReading {
  const complaints: Complaint[] = [];
  const settings = withDefaults(readSettings(text, complaint => complaints.push(complaint)));
  const origin = { object: { kind: 'Settings', namespace: '', name: fileName }, key: fileName, text };
  const findings = sortFindings(complaints.map(complaint => toFinding(complaint, origin)));
  return findings.some(isError) ? { findings } : { findings, settings };
}

function readSettings(text: string, report: (complaint: Complaint) => void): Partial<Settings> {
  const [first, second] = splitDocuments(text);
  if (first === undefined) return {};
  if (second !== undefined) {
    report({
      name: 'SyntaxWrong',
      at: { start: second.start, end: second.start },
      must: 'must be one YAML document',
      found: 'but a second one begins here',
      fix: 'delete the `---` line',
    });
    return {};
  }
  const root = parseDocument(text, first, { tokens: MAX_TOKENS }, report);
  if (root === undefined || isNothing(root)) return {};
  if (root.kind !== 'map') {
    report({ name: 'NotAMap', at: root.at, must: 'must be a map', found: described(root), fix: 'write `domain: …`' });
    return {};
  }
  return valuesOf(root, report);
}

/** `{}` and a document of nothing but `null` say nothing; Helm writes either for an empty map. */
function isNothing(root: Node): boolean {
  return root.kind === 'scalar' && root.value === null;
}

function valuesOf(map: MapNode, report: (complaint: Complaint) => void): Partial<Settings> {
  return plainValues(readFields(SETTINGS, { map, dialect: '', prefix: '', report }));
}

function withDefaults(given: Partial<Settings>): Settings {
  const initial = Object.entries(SETTINGS.fields).map(([name, field]): [string, unknown] => [name, field.initial]);
  return { ...(Object.fromEntries(initial) as unknown as Settings), ...given };
}
