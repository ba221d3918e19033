import { DEPLOYMENT_ANNOTATIONS, NAMESPACE_DOCS, namespaceAnnotation } from '../shared/annotation-keys.ts';
import { AMBASSADOR_KINDS, KINDS, MAPPING_DIALECTS } from '../shared/fields/dialects.ts';
import type { Field, FieldTable } from '../shared/fields/field.ts';
import { EXTERNAL_SETTINGS } from '../shared/fields/external-settings.ts';
import { EXTERNAL } from '../shared/fields/external.ts';
import { INFERENCE_SERVICE } from '../shared/fields/inference-service.ts';
import { METRIC_TYPES } from '../shared/fields/metric-catalog.ts';
import { SETTINGS } from '../shared/fields/settings.ts';
import { UPGRADE } from '../shared/fields/upgrade.ts';
import { CATALOGUE } from '../shared/findings/catalogue.ts';
import type { CatalogueRow } from '../shared/findings/catalogue.ts';
import { mappingPage } from './mapping-page.ts';
import { anchor, code, fenced, page, sentence, synonymTable, table } from './markdown.ts';

/** The pages of docs/reference, by file name. They hold nothing that is not in the tables that the programs read. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['fields.md', fieldsPage()],
    ['findings.md', findingsPage()],
    ['mapping.md', mappingPage()],
    ['settings.md', settingsPage()],
  ]);
}

function fieldsPage(): string {
  return page(
    'Fields',
    'The annotation `waymark.dev/config` (or `getambassador.io/config`, read alike) on a Deployment holds one or more YAML documents, separated by `---` lines. Every document has `apiVersion` and `kind` and, beside them, its fields.',
    '## The text',
    GRAMMAR.map(line => `- ${line}`).join('\n'),
    '## InferenceService',
    `apiVersion: ${KINDS.InferenceService.join(', ')}. At most one.`,
    fieldTable(INFERENCE_SERVICE.fields),
    '### `external`',
    fieldTable(EXTERNAL.fields),
    '### `upgrade`',
    fieldTable(UPGRADE.fields),
    '### Names of other systems',
    synonymTable(INFERENCE_SERVICE.synonyms),
    '## Mapping',
    `apiVersion: ${MAPPING_DIALECTS.map(code).join(', ')}. Any number. Its fields have [a page of their own](mapping.md).`,
    '## Other kinds of Ambassador',
    'They are refused by name. What to do instead:',
    table(
      ['kind', 'instead'],
      Object.entries(AMBASSADOR_KINDS).map(([kind, fix]) => [code(kind), sentence(fix)]),
    ),
    '## Annotations of a Deployment',
    table(
      ['annotation', 'meaning'],
      DEPLOYMENT_ANNOTATIONS.map(row => [
        code(row.key),
        row.use === 'bookkeeping' ? `${row.doc} Written by Waymark only.` : row.doc,
      ]),
    ),
    '## Annotations and label of a Namespace',
    'Which of them count is the setting `namespaceSettings`; `hand-over` always does. A value that cannot be used leaves the value of the platform.',
    table(
      ['annotation', 'meaning'],
      Object.entries(NAMESPACE_DOCS).map(([setting, doc]) => [code(namespaceAnnotation(setting)), doc]),
    ),
  );
}

/** Rules of the reader that no field shows. */
const GRAMMAR = [
  'Documents are split at `---` lines before anything is read, as Kubernetes does: a fault in one leaves the others alone. A `---` in the first column splits inside a block scalar too.',
  'At most 262144 bytes, 64 documents, 8 levels of lists and maps in each other, 64 entries a list or map, 1024 characters a value.',
  'Duplicate keys, anchors, aliases, merge keys, tags and directives are refused, and so are keys that are no text.',
  'Types are checked and never guessed. A number where text is due must be quoted, and so must words that other readers of YAML take for booleans or numbers (`yes`, `on`, `1_000`, `12:30`).',
  'No value holds a line end or a character that cannot be seen.',
  'Lists and maps may be written as text: `a,b` or `a;b`, `cpu:50%,mem:2Gi` or `cpu=50%;mem=2Gi`.',
  'A percentage is `20`, `20%` or, with a warning, `%20`. A bare number is a percentage; a quantity has a unit or a decimal point.',
  'In test and debug every host has `test.` or `debug.` in front unless it is written so, hosts of Mappings too; only the host that all share (`ingressHost`) stays as it is.',
  'A number in `ports` that no container declares is used, with a warning.',
];

function fieldTable(fields: FieldTable): string {
  return table(
    ['field', 'type', 'default', 'meaning', 'status'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      field.type,
      field.default,
      sentence(field.doc),
      status(field.outcome),
    ]),
  );
}

function status(outcome: Field['outcome']): string {
  return { built: 'yes', later: 'not supported yet', ignored: 'no effect, a warning', refused: 'refused' }[outcome];
}

function findingsPage(): string {
  return page(
    'Findings',
    'Everything that Waymark says about an annotation has a code, which never changes its meaning. An error denies the Deployment (policy enforce) and stops everything of it, unless it says that it stops only what it names; a warning stops nothing.',
    table(
      ['code', 'name', 'severity'],
      CATALOGUE.map(({ code, name, severity }) => [`[${code}](#${anchor(`${code} ${name}`)})`, name, severity]),
    ),
    ...CATALOGUE.map(findingSection),
  );
}

function findingSection(row: CatalogueRow): string {
  const stops = row.stops === 'named' ? ', stops only what it names' : '';
  return [
    `## ${row.code} ${row.name}`,
    `${sentence(row.severity + stops)} ${row.meaning}`,
    'Bad:',
    fenced(row.bad),
    'Good:',
    fenced(row.good),
  ].join('\n\n');
}

function settingsPage(): string {
  return page(
    'Settings',
    "The platform's settings are one YAML file, made by the chart from `settings` in its values and read at start. Unknown keys, wrong types and values that are not supported yet stop every program at start, with their place in the file. Durations are written `300s`, `5m`, `1h`, `500ms`, `0s`.",
    table(
      ['setting', 'type', 'default', 'meaning', 'status'],
      Object.entries(SETTINGS.fields).map(([name, field]) => [
        code(name),
        field.type,
        code(field.default),
        NESTED.has(name) ? `${sentence(field.doc)} [Its fields](#${anchor(name)}).` : sentence(field.doc),
        settingStatus(field),
      ]),
    ),
    '## `external`',
    'Access by address and port. What is not written is as it is by default.',
    nestedTable(EXTERNAL_SETTINGS.fields),
    '## `metricCatalog`',
    'A map: the name that users write under `metrics` → where the number comes from. A catalogue that is written takes the place of the default one, `gpu` included. Names are DNS labels other than cpu, mem and memory. What a metric holds depends on its `type`:',
    ...Object.entries(METRIC_TYPES).flatMap(([type, fields]) => [`### type: ${type}`, nestedTable(fields)]),
    '## `upgrade`',
    'What an InferenceService does not write under `upgrade`.',
    nestedTable(UPGRADE.fields),
    '### Names of cube-studio',
    synonymTable(SETTINGS.synonyms),
  );
}

const NESTED = new Set(['external', 'metricCatalog', 'upgrade']);

function settingStatus({ outcome }: Field): string {
  return outcome === 'built' ? 'yes' : 'not supported yet: only the default';
}

function nestedTable(fields: FieldTable): string {
  return table(
    ['field', 'type', 'default', 'meaning'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      field.type,
      field.default.replace("the platform's, ", ''),
      sentence(field.doc),
    ]),
  );
}
