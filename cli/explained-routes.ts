import type { JsonObject } from '../shared/json.ts';

/** One entry of a VirtualService in words. */
export interface ExplainedRoute {
  /** `<namespace>/<Deployment>/<route>`. */
  readonly name: string;
  /** What requests it takes: `everything`, or such as `POST /models/a/* with x-user: me`. */
  readonly takes: string;
  readonly to: readonly Target[];
  readonly copies: readonly Target[];
  /** Of one that answers with another address, such as `301 https://www.example.com`; a path is left out. */
  readonly redirect?: string;
}

export interface Target {
  /** `<namespace>/<Service>:<port>`, or the host outside of the cluster. */
  readonly service: string;
  readonly percent: number;
  /** What it sees as the host; absent = what the client asked for. */
  readonly host?: string;
}

/** `spec` of a VirtualService as we write it, or as somebody left it. */
export function routesIn(spec: JsonObject | undefined): readonly ExplainedRoute[] {
  return listOf(spec?.['http']).map(entry => {
    const authority = textOf(objectOf(entry['rewrite'])['authority']);
    const sent = listOf(entry['route']);
    return {
      name: textOf(entry['name']),
      takes: takenBy(entry['match']),
      to: sent.map(one => seeing(target(one, one['weight'], sent.length === 1 ? 100 : 0), authority || hostIn(one))),
      copies: listOf(entry['mirrors']).map(one => target(one, objectOf(one['percentage'])['value'], 100)),
      ...('redirect' in entry && { redirect: redirectText(objectOf(entry['redirect'])) }),
    };
  });
}

function seeing(target: Target, host: string): Target {
  return host === '' ? target : { ...target, host };
}

function hostIn({ headers }: JsonObject): string {
  return textOf(objectOf(objectOf(objectOf(headers)['request'])['set'])['Host']);
}

function redirectText({ redirectCode, scheme, authority, port }: JsonObject): string {
  const code = typeof redirectCode === 'number' ? redirectCode : 301;
  const beginning = typeof scheme === 'string' ? `${scheme}:` : '';
  return `${code} ${beginning}//${textOf(authority)}${typeof port === 'number' ? `:${port}` : ''}`;
}

function takenBy(match: unknown): string {
  const conditions = listOf(match);
  return conditions.length === 0 ? 'everything' : conditions.map(conditionText).join(' or ');
}

function conditionText({ uri, ignoreUriCase, method, headers, queryParams }: JsonObject): string {
  const paths = Object.entries(objectOf(uri)).map(([kind, text]) =>
    kind === 'prefix' ? `${textOf(text)}*` : told(kind, textOf(text)),
  );
  const methods = Object.entries(objectOf(method)).map(([kind, text]) => told(kind, textOf(text)));
  const request = [...methods, ...paths, ...(ignoreUriCase === true ? ['in any case'] : [])].join(' ');
  const pairs = [...namedText(headers, '', ': '), ...namedText(queryParams, '?', '=')];
  return pairs.length === 0 ? request : `${request} with ${pairs.join(', ')}`;
}

function told(kind: string, text: string): string {
  return kind === 'regex' ? `(pattern ${text})` : text;
}

/** One without a value need only be there. */
function namedText(tests: unknown, sign: string, between: string): readonly string[] {
  return Object.entries(objectOf(tests)).map(([name, test]) => {
    const values = Object.entries(objectOf(test)).map(([kind, text]) => told(kind, textOf(text)));
    return [`${sign}${name}`, ...values].join(between);
  });
}

function target({ destination }: JsonObject, weight: unknown, otherwise: number): Target {
  const { host, port } = objectOf(destination);
  const [name = '', namespace = '', svc] = textOf(host).split('.');
  const service = svc === 'svc' ? `${namespace}/${name}` : textOf(host);
  const number = objectOf(port)['number'];
  return {
    service: typeof number === 'number' ? `${service}:${number}` : service,
    percent: typeof weight === 'number' ? weight : otherwise,
  };
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as unknown[]).map(objectOf) : [];
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
