import type { HashKey, LoadBalancer } from '../intent.ts';
import type { Field, Read, ReadInDialect, Schema, Values } from './field.ts';
import { isHeaderName } from './named-texts.ts';
import { readMap } from './read-fields.ts';
import { readBoolean, readDuration, readOneOf, readTextThat } from './readers.ts';

const POLICIES = ['round_robin', 'least_request', 'ring_hash', 'maglev'] as const;

/** Envoy puts both into a header. */
const readCookieName = readTextThat(
  text => isHeaderName(text),
  'must be the name of a cookie: letters, digits, dashes, dots and underscores',
  "write a name such as 'session'",
);
const readCookiePath = readTextThat(
  text => /^\/[!-:<-~]*$/.test(text),
  "must be a path that begins with '/'",
  "write '/'",
);
const readName: Read<string> = readTextThat(
  isHeaderName,
  'must be the name of a header: letters, digits, dashes, dots and underscores',
  "write a name such as 'x-user'",
);

const COOKIE_FIELDS = {
  name: {
    outcome: 'built',
    type: 'name of a cookie',
    default: 'required',
    required: true,
    doc: 'The cookie whose value decides',
    becomes: '`httpCookie.name`',
    read: readCookieName,
  },
  path: {
    outcome: 'built',
    type: 'path',
    default: 'none',
    doc: 'Path of a cookie that is made',
    becomes: '`httpCookie.path`',
    read: readCookiePath,
  },
  ttl: {
    outcome: 'built',
    type: 'duration',
    default: 'none is made',
    doc: 'How long a cookie that is made lives; 0s is until the browser is closed',
    becomes: '`httpCookie.ttl`',
    read: readDuration,
  },
} as const satisfies Record<string, Field>;

export const COOKIE: Schema<typeof COOKIE_FIELDS> = {
  title: '`cookie`',
  header: [],
  fields: COOKIE_FIELDS,
  synonyms: {},
};

const FIELDS = {
  policy: {
    outcome: 'built',
    type: POLICIES.join(', '),
    default: 'required',
    required: true,
    doc: 'How a Pod is chosen; the last two send what has the same key to the same Pod',
    becomes: '`simple`, or `consistentHash.ringHash`, `.maglev`',
    read: readOneOf(...POLICIES),
  },
  cookie: {
    outcome: 'built',
    type: '`{name, path, ttl}`',
    default: 'none',
    doc: 'Key: a cookie',
    becomes: '`consistentHash.httpCookie`',
    read: readMap(COOKIE, '{name: session, ttl: 1h}'),
  },
  header: {
    outcome: 'built',
    type: 'name of a header',
    default: 'none',
    doc: 'Key: a header',
    becomes: '`consistentHash.httpHeaderName`',
    read: readName,
  },
  source_ip: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: "Key: the client's address",
    becomes: '`consistentHash.useSourceIp`',
    read: readBoolean,
  },
} as const satisfies Record<string, Field>;

export const LOAD_BALANCER: Schema<typeof FIELDS> = {
  title: '`load_balancer`',
  header: [],
  fields: FIELDS,
  synonyms: { sourceIp: { found: 'is none', fix: 'write `source_ip`' } },
};

const readValues = readMap(LOAD_BALANCER, '{policy: round_robin}');

/** Exactly one key with the policies that need one, none with the others. */
export const readLoadBalancer: ReadInDialect<LoadBalancer> = (node, path, report, dialect) => {
  const values = readValues(node, path, report, dialect);
  if (values?.policy === undefined) return undefined;
  const policy = values.policy.value;
  const keys = keysOf(values);
  const [by, second] = keys;
  if (policy === 'round_robin' || policy === 'least_request') {
    if (by === undefined) return { policy };
    const must = `must have no \`cookie\`, \`header\` or \`source_ip\` with ${policy}, which asks for no key`;
    report({
      name: 'FieldsDisagree',
      at: values.policy.at,
      path: `${path}.policy`,
      must,
      fix: 'write `policy: ring_hash`',
    });
    return undefined;
  }
  if (by !== undefined && second === undefined) return { policy, by };
  report({
    name: 'FieldsDisagree',
    at: values.policy.at,
    path: `${path}.policy`,
    must: `must have exactly one of \`cookie\`, \`header\` and \`source_ip\` with ${policy}`,
    found: by === undefined ? 'but has none' : 'but has several',
    fix: by === undefined ? 'add `source_ip: true`' : 'delete all but one',
  });
  return undefined;
};

function keysOf({ cookie, header, source_ip: sourceIp }: Values<typeof FIELDS>): readonly HashKey[] {
  const keys: HashKey[] = [];
  if (cookie?.value.name !== undefined) {
    const { name, path, ttl } = cookie.value;
    keys.push({
      kind: 'cookie',
      name: name.value,
      ...(path && { path: path.value }),
      ...(ttl && { ttl: ttl.value }),
    });
  }
  if (header !== undefined) keys.push({ kind: 'header', name: header.value });
  if (sourceIp?.value === true) keys.push({ kind: 'source-ip' });
  return keys;
}
