import { isDnsLabel, isDnsName } from '../shared/values/dns.ts';

/** A field that the API server would refuse to read, and why. */
export interface ShapeMistake {
  readonly path: readonly (string | number)[];
  /** For example "must be a string, but is a number". */
  readonly message: string;
}

type Path = readonly (string | number)[];
type Check = (value: unknown, path: Path) => readonly ShapeMistake[];

const text = typed('a string', value => typeof value === 'string');
const boolean = typed('a boolean', value => typeof value === 'boolean');
const integer = typed('a whole number', Number.isInteger);
const anything: Check = () => [];
const objectName = legal(
  'lower-case letters, digits, dashes and dots',
  // As the API server, which limits the whole and not what is between the dots.
  name => name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name),
);
const namespaceName = legal('a DNS label', isDnsLabel);
const hostName = legal('a host such as shop.example.com, in lower case', name => isDnsName(name) && name.includes('.'));
/** Services take it over. */
const portName = legal('at most 15 lower-case letters, digits and single dashes, with a letter among them', name =>
  /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name),
);
/** Selectors of Services are made of it. One that is too long comes of a name that is, which is a finding. */
const labelValue = legal('the value of a label: letters, digits, dashes, underscores and dots', value =>
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?$/.test(value),
);

const container = map({
  name: required(text),
  image: text,
  ports: list(map({ name: portName, containerPort: required(integer), protocol: text })),
  env: list(map({ name: required(text), value: text })),
  resources: map({ requests: mapOf(anything), limits: mapOf(anything) }),
  restartPolicy: text,
});

const deployment = map({
  metadata: required(
    map({
      name: required(objectName),
      namespace: namespaceName,
      uid: text,
      creationTimestamp: text,
      labels: mapOf(text),
      annotations: mapOf(text),
    }),
  ),
  spec: required(
    map({
      replicas: integer,
      selector: required(map({ matchLabels: mapOf(labelValue) })),
      template: required(
        map({
          metadata: map({ labels: mapOf(text), annotations: mapOf(text) }),
          spec: required(map({ containers: required(list(container)), initContainers: list(container) })),
        }),
      ),
    }),
  ),
});

const namespace = map({
  metadata: required(map({ name: required(namespaceName), labels: mapOf(text), annotations: mapOf(text) })),
});

const service = map({
  metadata: required(map({ name: required(objectName), namespace: namespaceName, labels: mapOf(text) })),
  spec: map({ type: text, selector: mapOf(labelValue), ports: list(map({ port: required(integer) })) }),
});

const host = map({
  metadata: required(map({ name: required(hostName) })),
  spec: required(map({ namespace: required(namespaceName), reserved: boolean })),
});

/**
 * What is wrong with the fields of an object that the core reads. In a cluster the API server has refused such an
 * object before anyone else sees it; files come without that check.
 */
export const shapeMistakes = {
  Deployment: (value: unknown) => deployment(value, []),
  Namespace: (value: unknown) => namespace(value, []),
  Service: (value: unknown) => service(value, []),
  Host: (value: unknown) => host(value, []),
} as const;

function typed(name: string, accepts: (value: unknown) => boolean): Check {
  return (value, path) =>
    value === undefined || accepts(value) ? [] : [{ path, message: `must be ${name}, but is ${kindOf(value)}` }];
}

function legal(what: string, accepts: (name: string) => boolean): Check {
  return (value, path) =>
    typeof value !== 'string' || accepts(value)
      ? text(value, path)
      : [{ path, message: `must be ${what}, but is '${value}'` }];
}

function required(check: Check): Check {
  return (value, path) =>
    value === undefined ? [{ path, message: 'must be there, but is missing' }] : check(value, path);
}

function list(item: Check): Check {
  return (value, path) => {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [{ path, message: `must be a list, but is ${kindOf(value)}` }];
    return value.flatMap((entry, index) => required(item)(entry ?? undefined, [...path, index]));
  };
}

function map(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (value === undefined) return [];
    if (!isMap(value)) return [{ path, message: `must be a map, but is ${kindOf(value)}` }];
    return Object.entries(fields).flatMap(([name, check]) => check(value[name], [...path, name]));
  };
}

function mapOf(check: Check): Check {
  return (value, path) => {
    if (value === undefined) return [];
    if (!isMap(value)) return [{ path, message: `must be a map, but is ${kindOf(value)}` }];
    return Object.entries(value).flatMap(([name, entry]) => check(entry, [...path, name]));
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'empty';
  switch (typeof value) {
    case 'object':
      return 'a map';
    case 'boolean':
      return `the boolean ${String(value)}`;
    case 'number':
      return `the number ${String(value)}`;
    default:
      return `a ${typeof value}`;
  }
}
