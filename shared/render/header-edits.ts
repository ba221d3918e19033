import { NO_EDITS } from '../intent.ts';
import type { HeaderEdits, HeaderValue, Mapping } from '../intent.ts';
import type { JsonObject } from '../json.ts';

/** `headers` of an entry or of one of its destinations; empty = nothing is edited. */
export function renderHeaders(request: JsonObject, response: JsonObject): JsonObject {
  const headers = {
    ...(isFilled(request) && { request }),
    ...(isFilled(response) && { response }),
  };
  return isFilled(headers) ? { headers } : {};
}

export function requestEdits(mapping: Mapping | undefined): JsonObject {
  return renderEdits(mapping?.action.does === 'forward' ? mapping.action.requestHeaders : NO_EDITS);
}

export function responseEdits(mapping: Mapping | undefined): JsonObject {
  return renderEdits(mapping?.action.does === 'forward' ? mapping.action.responseHeaders : NO_EDITS);
}

/** The host of a request to one destination, beside its other edits. */
export function withHost(edits: JsonObject, host: string | undefined): JsonObject {
  if (host === undefined) return edits;
  const set = edits['set'] as JsonObject | undefined;
  return { ...edits, set: { ...set, Host: host } };
}

function renderEdits({ add, set, remove }: HeaderEdits): JsonObject {
  return {
    ...(set.length > 0 && { set: byName(set) }),
    ...(add.length > 0 && { add: byName(add) }),
    ...(remove.length > 0 && { remove }),
  };
}

function byName(values: readonly HeaderValue[]): JsonObject {
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

function isFilled(object: JsonObject): boolean {
  return Object.keys(object).length > 0;
}
