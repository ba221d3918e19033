import type { MappingValues } from '../fields/mapping.ts';
import type { Destination } from '../intent.ts';
import type { Scene } from './scene.ts';

/** Istio copies a request as it is sent to the others: what would change the copy alone cannot be had. */
const CHANGES_COPY = [
  'add_request_headers',
  'remove_request_headers',
  'host_rewrite',
  'auto_host_rewrite',
] as const satisfies readonly (keyof MappingValues)[];

/** Nobody gets the answer of a copy, and nobody waits for it. */
const ABOUT_ANSWERS = [
  'add_response_headers',
  'remove_response_headers',
  'cors',
  'retry_policy',
  'timeout_ms',
] as const satisfies readonly (keyof MappingValues)[];

export function checkShadow(values: MappingValues, destination: Destination, { report }: Scene): void {
  if (values.shadow?.value !== true) return;
  for (const path of CHANGES_COPY) {
    const value = values[path];
    if (value === undefined || value.value === false) continue;
    report({
      name: 'FieldsDisagree',
      at: value.at,
      path,
      must: 'must be left out beside `shadow`: Istio copies a request as it is sent to the others',
      fix: 'delete it, or send the copies to a Service that does this itself',
      related: [{ at: values.shadow.at, message: 'the shadow' }],
    });
  }
  for (const path of ABOUT_ANSWERS) {
    const value = values[path];
    if (value === undefined) continue;
    const found = 'since nobody waits for the answer to a copy';
    report({ name: 'FieldIgnored', at: value.at, path, must: 'has no effect', found, fix: 'delete it' });
  }
  if (destination.to !== 'external') return;
  report({
    name: 'FieldsDisagree',
    at: destination.at,
    path: 'service',
    must: 'must be in the cluster for `shadow`: a copy has the host of the gateway, which no other place knows',
    fix: 'copy to a Service of the cluster',
    related: [{ at: values.shadow.at, message: 'the shadow' }],
  });
}
