import type { JsonObject } from '../shared/json.ts';

/** One entry of a VirtualService in words. */
export interface ExplainedRoute {
  /** `<namespace>/<Deployment>/<route>`. */
  readonly name: string;
  /** What requests it takes: `everything`, or such as `POST /models/a/* with x-user: me`. */
  readonly takes: string;
  readonly to: readonly Target[];
  readonly copies: readonly Target[];
}

export interface Target {
  /** `<namespace>/<Service>:<port>`, or the host outside of the cluster. */
  readonly service: string;
  readonly percent: number;
}

/** `spec` of a VirtualService as we write it, or as somebody left it. */
export function routesIn(spec: JsonObject | undefined): readonly ExplainedRoute[] {
  return listOf(spec?.['http']).map(entry => ({
    name: textOf(entry['name']),
    takes: takenBy(entry['match']),
    to: listOf(entry['route']).map(one => target(one, one['weight'], listOf(entry['route']).length === 1 ? 100 : 0)),
    copies: listOf(entry['mirrors']).map(one => target(one, objectOf(one['percentage'])['value'], 100)),
  }));
}

function takenBy(match: unknown): string {
  const conditions = listOf(match);
  return conditions.length === 0 ? 'everything' : conditions.map(conditionText).join(' or ');
}

function conditionText({ uri, method, headers }: JsonObject): string {
  const paths = Object.entries(objectOf(uri)).map(([kind, text]) =>
    kind === 'prefix' ? `${textOf(text)}*` : textOf(text),
  );
  const methods = Object.values(objectOf(method)).map(textOf);
  const pairs = Object.entries(objectOf(headers)).map(
    ([name, value]) => `${name}: ${Object.values(objectOf(value)).map(textOf).join()}`,
  );
  const request = [...methods, ...paths].join(' ');
  return pairs.length === 0 ? request : `${request} with ${pairs.join(', ')}`;
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
