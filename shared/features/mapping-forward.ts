import type { MappingDocument } from '../documents.ts';
import type { MappingValues } from '../fields/mapping.ts';
import type { Cors, Destination, Forward, PathRewrite, Retries, ServicePort } from '../intent.ts';
import type { RequestMatch } from '../request-match.ts';
import { takes } from '../values/re2.ts';
import { reportIdle } from './beside.ts';
import { connectionsOf } from './mapping-connections.ts';
import { requestEdits, responseEdits } from './mapping-headers.ts';
import { checkShadow } from './mapping-shadow.ts';
import type { Scene } from './scene.ts';

/** Ambassador's own defaults, which are written out: Istio's are others. */
const REWRITE = '/';
const TIMEOUT = 3000;

/** What becomes of the requests of a Mapping that is no redirect. */
export function forwardOf(
  { values }: MappingDocument,
  destination: Destination,
  ports: readonly ServicePort[],
  scene: Scene,
): Forward {
  const host = hostOf(values, destination, scene);
  const retries = retriesOf(values);
  const cors = corsOf(values, scene);
  const connections = connectionsOf(values, destination, ports, scene);
  checkShadow(values, destination, scene);
  return {
    does: 'forward',
    destination,
    isShadow: values.shadow?.value ?? false,
    rewrite: rewriteOf(values, scene),
    ...(host && { host }),
    timeout: values.timeout_ms?.value ?? TIMEOUT,
    ...(retries && { retries }),
    ...(cors && { cors }),
    requestHeaders: requestEdits(values, scene),
    responseHeaders: responseEdits(values, scene),
    ...(connections && { connections }),
  };
}

function rewriteOf(values: MappingValues, { report }: Scene): PathRewrite {
  const { rewrite, regex_rewrite: regex } = values;
  if (regex === undefined) {
    const value = rewrite?.value ?? REWRITE;
    return value === '' ? { kind: 'none' } : { kind: 'prefix', value };
  }
  reportIdle(['rewrite'], values, 'since there is `regex_rewrite`', report);
  const { pattern, substitution } = regex.value;
  return { kind: 'regex', pattern: pattern?.value.text ?? '', substitution: substitution?.value.text ?? '' };
}

/** A destination outside would not know the host of the platform's gateway: it sees its own unless another is written. */
function hostOf(
  { host_rewrite: written, auto_host_rewrite: own }: MappingValues,
  destination: Destination,
  { report }: Scene,
): Forward['host'] {
  if (written !== undefined && own?.value === true) {
    report({
      name: 'FieldsDisagree',
      at: own.at,
      path: 'auto_host_rewrite',
      must: 'must be left out beside `host_rewrite`: the destination sees one host',
      fix: 'delete one of the two',
      related: [{ at: written.at, message: 'the other one' }],
    });
  }
  if (written !== undefined) return { name: written.value };
  if (own?.value === true) return 'destination';
  return destination.to === 'external' && own === undefined ? { name: destination.host } : undefined;
}

function retriesOf({ retry_policy: policy }: MappingValues): Retries | undefined {
  const { retry_on: on, num_retries: number, per_try_timeout: timeout } = policy?.value ?? {};
  const attempts = number?.value ?? 1;
  if (on === undefined || attempts === 0) return undefined;
  return { on: [on.value], attempts, ...(timeout && { perTryTimeout: timeout.value }) };
}

function corsOf({ cors }: MappingValues, { report }: Scene): Cors | undefined {
  const { origins, methods, headers, credentials, exposed_headers: exposed, max_age: maxAge } = cors?.value ?? {};
  if (origins === undefined) return undefined;
  if (credentials?.value === true && origins.value.includes('*')) {
    report({
      name: 'FieldsDisagree',
      at: credentials.at,
      path: 'cors.credentials',
      must: "must be false where '*' lets every origin call: any page could act for its reader",
      fix: 'name the origins, or delete it',
      related: [{ at: origins.at, message: 'every origin' }],
    });
  }
  return {
    origins: origins.value,
    methods: methods?.value ?? [],
    headers: headers?.value ?? [],
    exposedHeaders: exposed?.value ?? [],
    credentials: credentials?.value ?? false,
    ...(maxAge && { maxAge: maxAge.value }),
  };
}

/** A browser asks with OPTIONS first, and a route that does not take that never answers it. */
export function checkPreflight({ cors, method: written }: MappingValues, { method }: RequestMatch, scene: Scene): void {
  if (cors === undefined || written === undefined || method === undefined) return;
  const asks = method.kind === 'exact' ? method.value === 'OPTIONS' : takesOptions(method.value);
  if (asks) return;
  scene.report({
    name: 'PreflightUnanswered',
    at: written.at,
    path: 'method',
    must: 'must take OPTIONS too for `cors` to work with other requests than plain ones',
    fix: `write \`method: '${method.value}|OPTIONS'\` and \`method_regex: true\``,
  });
}

/** Of what is no pattern, which has been reported, nothing more is said. */
function takesOptions(pattern: string): boolean {
  try {
    return takes(pattern, 'OPTIONS');
  } catch {
    return true;
  }
}
