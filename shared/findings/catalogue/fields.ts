import type { CatalogueRow } from './row.ts';

/** WM020 to WM039: fields in general, of annotations, of the settings file and of Namespaces. */
export const FIELD_ROWS = [
  {
    code: 'WM020',
    name: 'FieldUnknown',
    severity: 'error',
    meaning: 'There is no such field; the nearest name that exists is suggested, also for names of other systems.',
    bad: 'hpa: cpu:50%',
    good: 'metrics: cpu:50%',
  },
  {
    code: 'WM021',
    name: 'FieldMissing',
    severity: 'error',
    meaning: 'A field that must be given is not there.',
    bad: 'apiVersion: waymark.dev/v1\nkind: Mapping\nname: one',
    good: 'apiVersion: waymark.dev/v1\nkind: Mapping\nname: one\nprefix: /one/',
  },
  {
    code: 'WM022',
    name: 'TypeWrong',
    severity: 'error',
    meaning: 'A value has another type than its field. Nothing is guessed: a number where text is due must be quoted.',
    bad: 'version: 2024.10',
    good: "version: '2024.10'",
  },
  {
    code: 'WM023',
    name: 'NotSupportedYet',
    severity: 'error',
    meaning:
      'Waymark knows the field or value and will act on it one day, but this version does not. It is refused, so that nothing is dropped silently.',
    bad: 'split: {tfserving-resnet50-20240401: 20}',
    good: 'Leave it out until a version of Waymark supports it.',
  },
  {
    code: 'WM024',
    name: 'FieldRefused',
    severity: 'error',
    meaning:
      'Ambassador has the field, but there is no way to get its effect here, and leaving it out could change who may call or which requests succeed.',
    bad: 'bypass_auth: true',
    good: 'bypass_auth: false',
  },
  {
    code: 'WM025',
    name: 'FieldIgnored',
    severity: 'warning',
    meaning: 'The field has no effect here, and no request goes another way because of that.',
    bad: 'stats_name: one',
    good: 'Leave it out.',
  },
  {
    code: 'WM026',
    name: 'FieldOfOtherVersion',
    severity: 'error',
    meaning: 'The field exists, but not in the `apiVersion` of this document.',
    bad: 'apiVersion: ambassador/v1\nkind: Mapping\nname: one\nprefix: /one/\nhostname: a.example.com',
    good: 'apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nname: one\nprefix: /one/\nhostname: a.example.com',
  },
  {
    code: 'WM027',
    name: 'ValueWrong',
    severity: 'error',
    meaning: 'A value has the right type but is none that the field allows.',
    bad: 'environment: staging',
    good: 'environment: test',
  },
  {
    code: 'WM028',
    name: 'TooLong',
    severity: 'error',
    meaning: 'A value is longer than 1024 characters, or a list or map has more than 64 entries.',
    bad: 'modelPath: /mnt/…   # 2 000 characters',
    good: 'modelPath: /mnt/models/resnet50',
  },
  {
    code: 'WM029',
    name: 'ItemEmpty',
    severity: 'error',
    meaning: 'A list or map written as one text has an empty item.',
    bad: 'metrics: cpu:50%,',
    good: 'metrics: cpu:50%',
  },
  {
    code: 'WM030',
    name: 'ItemRepeated',
    severity: 'error',
    meaning: 'A list names the same thing twice.',
    bad: 'ports: [8501, 8501]',
    good: 'ports: [8501]',
  },
  {
    code: 'WM031',
    name: 'PercentSpelling',
    severity: 'warning',
    meaning:
      'The percent sign stands in front of the number, as some manuals write it. It is read as if it stood behind.',
    bad: 'metrics: mem:%50',
    good: 'metrics: mem:50%',
  },
  {
    code: 'WM032',
    name: 'NamespaceSettingWrong',
    severity: 'warning',
    meaning:
      "An annotation or label of the Namespace has a value that cannot be used; the platform's value counts, and never a looser one.",
    bad: 'waymark.dev/environment: staging',
    good: 'waymark.dev/environment: test',
  },
] as const satisfies readonly CatalogueRow[];
