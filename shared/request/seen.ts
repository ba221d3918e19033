import { isTakenAway, JOINED, SET_BY_GATEWAY } from './gateway-headers.ts';
import { gatewayPath } from './gateway-path.ts';
import type { Request, RequestHeader, SeenRequest } from './request.ts';

/** What the gateway makes of a request to `host`; undefined = it answers 400 by itself. */
export function seenByGateway({ method, target, headers }: Request, host: string): SeenRequest | undefined {
  const end = target.includes('?') ? target.indexOf('?') : target.length;
  const query = target.slice(end);
  const path = gatewayPath(target.slice(0, end));
  if (path === undefined) return undefined;
  return { method, path, query, parameters: parametersIn(query), headers: headersIn(headers, host) };
}

function parametersIn(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.slice(1).split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    if (part !== '' && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

function headersIn(headers: readonly RequestHeader[], host: string): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, readonly string[]>();
  for (const name of SET_BY_GATEWAY) seen.set(name, []);
  const sent = Map.groupBy(headers, ({ name }) => name.toLowerCase());
  for (const [name, all] of sent) {
    const values = all.map(({ value }) => value);
    if (!isTakenAway(name, values)) seen.set(name, JOINED.has(name) ? [values.join(',')] : values);
  }
  return seen.set('host', [host]);
}
