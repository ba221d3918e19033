import type { Report } from '../annotation/complaint.ts';
import type { MapEntry, MapNode } from '../annotation/node.ts';
import type { CatalogueMetric } from '../settings.ts';
import { isDnsLabel } from '../values/dns.ts';
import type { Field, FieldTable, Read, Schema } from './field.ts';
import { mapEntries } from './items.ts';
import { plainValues, readFields } from './read-fields.ts';
import { readFilledText, readLabel, readOneOf, readTextThat, reportType } from './readers.ts';

/** These mean resources of Pods and cannot mean something else; `memory` would be taken for `mem`. */
export const RESOURCE_METRICS = ['cpu', 'mem'] as const;

/** As Kubernetes has them for keys of labels and names of resources. */
const QUALIFIED_NAME = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

const withNames = (text: string) => text.replace(/\{(?:name|namespace)\}/g, 'a');

function readForm(form: RegExp, must: string, fix: string, filled = (text: string) => text): Read<string> {
  return readTextThat(text => form.test(filled(text)), must, fix, readFilledText);
}

const readResource = readForm(
  QUALIFIED_NAME,
  'must be the name of a resource',
  "write such as 'memory' or 'nvidia.com/gpu'",
);

/** Of Prometheus and of adapters: also with dots, slashes and dashes. */
const readMetricName = readForm(
  /^[A-Za-z_][A-Za-z0-9_:./|-]{0,252}$/,
  'must be the name of a metric',
  "write such as 'DCGM_FI_DEV_GPU_UTIL'",
);

const readSelector: Read<Readonly<Record<string, string>>> = (node, path, report) => {
  const entries = mapEntries(node, path, report);
  if (entries === undefined) return undefined;
  const good = entries.filter(({ key, keyAt, text, at, path: item }) => {
    const isKey = QUALIFIED_NAME.test(key);
    if (isKey && LABEL_VALUE.test(withNames(text))) return true;
    report({
      name: 'ValueWrong',
      at: isKey ? at : keyAt,
      path: item,
      must: isKey
        ? 'must be the value of a label, with {name} and {namespace} filled in'
        : 'must be the key of a label',
      found: `but is '${isKey ? text : key}'`,
      fix: "write such as `queue: '{name}'`",
    });
    return false;
  });
  return Object.fromEntries(good.map(({ key, text }) => [key, text]));
};

const readObjectName = readForm(
  OBJECT_NAME,
  'must be the name of an object, with {name} and {namespace} filled in',
  "write '{name}'",
  withNames,
);

/** The API server would refuse an autoscaler that points elsewhere. */
const readApiVersion = readForm(
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?v[a-z0-9]{1,62}$/,
  'must be an apiVersion',
  "write such as 'v1' or 'networking.k8s.io/v1'",
);

const readKind = readForm(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 'must be a kind', "write such as 'Service'");

const DESCRIBED: Schema<FieldTable> = {
  title: '`describedObject`',
  header: [],
  fields: {
    apiVersion: required('apiVersion', 'apiVersion of the object', readApiVersion),
    kind: required('kind', 'kind of the object', readKind),
    name: required('name of an object', 'name of the object; {name} is the Deployment', readObjectName),
  },
  synonyms: {},
};

const readDescribedObject: Read<unknown> = (node, path, report) => {
  if (node.kind === 'map') {
    return plainValues(readFields(DESCRIBED, { map: node, dialect: '', prefix: `${path}.`, report }));
  }
  reportType(
    report,
    node,
    path,
    'must be `{apiVersion, kind, name}`',
    "write `{apiVersion: v1, kind: Service, name: '{name}'}`",
  );
  return undefined;
};

function required(type: string, doc: string, read: Read<unknown>): Field {
  return { outcome: 'built', type, default: 'required', required: true, doc, read };
}

function optional(type: string, doc: string, read: Read<unknown>): Field {
  return { outcome: 'built', type, default: 'none', doc, read };
}

const target = (...targets: readonly string[]) =>
  required(targets.join(' or '), 'what the number means', readOneOf(...targets));
const RESOURCE = required('name of a resource', 'resource of the Pod, such as memory', readResource);
const METRIC = required('name of a metric', 'metric as the adapter serves it', readMetricName);
const SELECTOR = optional('labels', 'labels that the metric must have; {name} is the Deployment', readSelector);

/** What a metric of each type may hold beside its `type`. */
export const METRIC_TYPES: Readonly<Record<CatalogueMetric['type'], FieldTable>> = {
  Resource: { resource: RESOURCE, target: target('Utilization', 'AverageValue') },
  ContainerResource: {
    resource: RESOURCE,
    container: optional(
      'name of a container',
      'container that is measured; that of the InferenceService if absent',
      readLabel,
    ),
    target: target('Utilization', 'AverageValue'),
  },
  Pods: { metric: METRIC, selector: SELECTOR, target: target('AverageValue') },
  Object: {
    metric: METRIC,
    selector: SELECTOR,
    describedObject: required('`{apiVersion, kind, name}`', 'object that is measured', readDescribedObject),
    target: target('Value', 'AverageValue'),
  },
  External: { metric: METRIC, selector: SELECTOR, target: target('Value', 'AverageValue') },
};

const SCHEMAS = new Map(
  Object.entries(METRIC_TYPES).map(([type, fields]): [string, Schema<FieldTable>] => [
    type,
    { title: `a metric of type ${type}`, header: ['type'], fields, synonyms: {} },
  ]),
);

const readType = readOneOf(...(Object.keys(METRIC_TYPES) as CatalogueMetric['type'][]));

/** The platform's metrics by the name that users write. */
export const readMetricCatalog: Read<ReadonlyMap<string, CatalogueMetric>> = (node, path, report) => {
  if (node.kind !== 'map') {
    reportType(
      report,
      node,
      path,
      'must be a map of metrics',
      `write \`${path}: {qps: {type: Pods, metric: …, target: AverageValue}}\``,
    );
    return undefined;
  }
  const metrics = new Map<string, CatalogueMetric>();
  for (const entry of node.entries) {
    if (!isName(entry, path, report)) continue;
    const metric = metricOf(entry, `${path}.${entry.key}`, report);
    if (metric !== undefined) metrics.set(entry.key, metric);
  }
  return metrics;
};

function isName({ key, keyAt }: MapEntry, path: string, report: Report): boolean {
  const reserved = [...RESOURCE_METRICS, 'memory'].some(name => name === key);
  if (isDnsLabel(key) && !reserved) return true;
  report({
    name: 'ValueWrong',
    at: keyAt,
    path: `${path}.${key.slice(0, 64)}`,
    must: reserved ? 'must have another name, since this one means a resource' : 'must be a DNS label',
    found: reserved ? '' : `but is '${key.slice(0, 64)}'`,
    fix: "write a name such as 'qps'",
  });
  return false;
}

function metricOf({ keyAt, value }: MapEntry, path: string, report: Report): CatalogueMetric | undefined {
  if (value.kind !== 'map') {
    reportType(report, value, path, 'must be a map', 'write `{type: Pods, metric: …, target: AverageValue}`');
    return undefined;
  }
  const type = typeOf(value, keyAt, path, report);
  const schema = type === undefined ? undefined : SCHEMAS.get(type);
  if (schema === undefined) return undefined;
  const values = readFields(schema, { map: value, dialect: '', prefix: `${path}.`, report });
  if (Object.entries(schema.fields).some(([name, field]) => field.required === true && values[name] === undefined)) {
    return undefined;
  }
  return { type, ...plainValues(values) } as CatalogueMetric;
}

function typeOf(map: MapNode, keyAt: MapEntry['keyAt'], path: string, report: Report): string | undefined {
  const entry = map.entries.find(({ key }) => key === 'type');
  if (entry !== undefined) return readType(entry.value, `${path}.type`, report);
  const types = Object.keys(METRIC_TYPES).map(each => `'${each}'`);
  report({
    name: 'FieldMissing',
    at: keyAt,
    path: `${path}.type`,
    must: `must be one of ${types.join(', ')}`,
    found: 'but is empty',
    fix: 'add `type: Pods`',
  });
  return undefined;
}
