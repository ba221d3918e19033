import type { MappingValues } from '../fields/mapping.ts';
import type { Destination } from '../intent.ts';
import { reportBeside, reportIdle } from './beside.ts';
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
  const related = [{ at: values.shadow.at, message: 'the shadow' }];
  const must = 'must be left out beside `shadow`: Istio copies a request as it is sent to the others';
  const fix = 'delete it, or send the copies to a Service that does this itself';
  reportBeside(CHANGES_COPY, values, () => ({ must, fix, related }), report);
  reportIdle(ABOUT_ANSWERS, values, 'since nobody waits for the answer to a copy', report);
  if (destination.to !== 'external') return;
  report({
    name: 'FieldsDisagree',
    at: destination.at,
    path: 'service',
    must: 'must be in the cluster for `shadow`: a copy has the host of the gateway, which no other place knows',
    fix: 'copy to a Service of the cluster',
    related,
  });
}
