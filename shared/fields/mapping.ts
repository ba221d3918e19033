import { SINCE_V2 } from './dialects.ts';
import type { Field, Schema, Values } from './field.ts';
import { CONNECTION_FIELDS } from './mapping-connections.ts';
import { IGNORED, REFUSED } from './mapping-elsewhere.ts';
import { FORWARD_FIELDS } from './mapping-forward.ts';
import { MATCH_FIELDS } from './mapping-match.ts';
import { readAmbassadorId } from './mapping-readers.ts';
import { REDIRECT_FIELDS } from './mapping-redirect.ts';
import { readMetadataLabels } from './metadata-labels.ts';
import { readFilledText } from './readers.ts';

/** Fields about the document itself. */
export const DOCUMENT_FIELDS = {
  namespace: {
    outcome: 'built',
    type: 'DNS label',
    default: "the Deployment's",
    doc: "Must be the Deployment's own namespace",
    dialects: SINCE_V2,
    read: readFilledText,
  },
  ambassador_id: {
    outcome: 'built',
    type: 'text or list of texts',
    default: '[default]',
    doc: 'A Mapping for another Ambassador than `default` is skipped, with a warning',
    read: readAmbassadorId,
  },
  metadata_labels: {
    outcome: 'built',
    type: 'map of labels',
    default: '{}',
    doc: "Labels of the Deployment's Service, beside Waymark's own",
    becomes: '`metadata.labels` of the Service',
    dialects: SINCE_V2,
    read: readMetadataLabels,
  },
} as const satisfies Record<string, Field>;

const BUILT = {
  ...MATCH_FIELDS,
  ...FORWARD_FIELDS,
  ...REDIRECT_FIELDS,
  ...CONNECTION_FIELDS,
  ...DOCUMENT_FIELDS,
};

export type MappingValues = Values<typeof BUILT>;

export const MAPPING_FIELDS = { ...BUILT, ...IGNORED, ...REFUSED };

const none = (fix: string) => ({ found: 'is none', fix });

export const MAPPING: Schema<typeof BUILT> = {
  title: 'Mapping',
  header: ['apiVersion', 'kind'],
  fields: MAPPING_FIELDS,
  synonyms: {
    ambassadorId: none('write `ambassador_id`'),
    path: none('write `prefix`'),
    hosts: none('write `hostname`, and one Mapping for each host'),
    timeout: none('write `timeout_ms`, a number of milliseconds'),
    retries: none('write `retry_policy`'),
    methods: none("write `method: 'GET|POST'` and `method_regex: true`"),
    route: none('write `service`'),
    backend: none('write `service`'),
    destination: none('write `service`'),
    mirror: none('write `shadow: true`, in a Mapping of its own'),
    redirect: none('write `host_redirect: true` and the host in `service`'),
  },
};
