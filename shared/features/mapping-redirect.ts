import type { MappingDocument } from '../documents.ts';
import type { MappingValues } from '../fields/mapping.ts';
import type { Redirect } from '../intent.ts';
import { isSinceIstio } from '../values/istio-version.ts';
import { reportBeside, reportIdle } from './beside.ts';
import type { Scene } from './scene.ts';

/** Only requests that are sent on have any of these. */
const OF_FORWARDS = [
  'weight',
  'shadow',
  'rewrite',
  'regex_rewrite',
  'host_rewrite',
  'auto_host_rewrite',
  'add_request_headers',
  'add_response_headers',
  'remove_request_headers',
  'remove_response_headers',
  'cors',
  'tls',
  'tls_verify',
] as const satisfies readonly (keyof MappingValues)[];

/** The same, where nothing can depend on it. */
const IDLE = [
  'timeout_ms',
  'retry_policy',
  'grpc',
  'connect_timeout_ms',
  'cluster_idle_timeout_ms',
  'cluster_max_connection_lifetime_ms',
  'circuit_breakers',
  'load_balancer',
  'keepalive',
] as const satisfies readonly (keyof MappingValues)[];

export function isRedirect({ host_redirect: redirects }: MappingValues): boolean {
  return redirects?.value === true;
}

/** The redirect that a Mapping is; undefined = it cannot be had, and that has been reported. */
export function redirectOf({ values, given, at }: MappingDocument, scene: Scene): Redirect | undefined {
  const { report } = scene;
  reportOthers(values, scene);
  const path = pathOf(values, scene);
  const { service, redirect_response_code: code } = values;
  if (service === undefined) {
    if (given.has('service')) return undefined;
    report({
      name: 'FieldMissing',
      at: { start: at.start, end: at.start },
      path: 'service',
      must: 'must be given',
      fix: 'add `service`: the host that requests are redirected to',
    });
    return undefined;
  }
  const { name, rest, scheme, port } = service.value;
  const host = rest === undefined ? name : `${name}.${rest}`;
  if (rest === undefined) reportInside(host, service.at, scene);
  return {
    does: 'redirect',
    at: service.at,
    host,
    ...(scheme && { scheme }),
    ...(port !== undefined && { port }),
    ...(path && { path }),
    code: code?.value ?? 301,
  };
}

function pathOf(values: MappingValues, { settings, report }: Scene): Redirect['path'] | undefined {
  const { path_redirect: whole, prefix_redirect: prefix } = values;
  if (whole !== undefined && prefix !== undefined) {
    report({
      name: 'FieldsDisagree',
      at: prefix.at,
      path: 'prefix_redirect',
      must: 'must be left out beside `path_redirect`: a redirect has one path',
      fix: 'delete one of the two',
      related: [{ at: whole.at, message: 'the other one' }],
    });
  }
  if (whole !== undefined) return { kind: 'whole', value: whole.value };
  if (prefix === undefined) return undefined;
  const about = { at: prefix.at, path: 'prefix_redirect' };
  if (!isSinceIstio(settings.istio.version, 31)) {
    report({
      ...about,
      name: 'FieldRefused',
      must: 'must be left out',
      found: `since it needs Istio 1.31, and the platform says that it may be ${settings.istio.version}`,
      fix: 'write one Mapping with `path_redirect` for each path, or ask the platform to raise `istio.version`',
    });
  } else if (values.prefix_exact?.value === true || values.prefix_regex?.value === true) {
    const must = 'must be left out beside `prefix_exact` and `prefix_regex`: Istio replaces a prefix only';
    report({ ...about, name: 'FieldsDisagree', must, fix: 'write `path_redirect`' });
  }
  return { kind: 'prefix', value: prefix.value };
}

function reportOthers(values: MappingValues, { report }: Scene): void {
  const related = values.host_redirect && [{ at: values.host_redirect.at, message: 'the redirect' }];
  const words = (field: keyof MappingValues) => ({
    must: 'must be left out beside `host_redirect`: nothing is sent on',
    fix: field === 'tls' ? 'write `https://` in front of `service`' : 'delete it',
    ...(related && { related }),
  });
  reportBeside(OF_FORWARDS, values, words, report);
  reportIdle(IDLE, values, 'since nothing is sent on', report);
}

function reportInside(host: string, at: Redirect['at'], { report }: Scene): void {
  report({
    name: 'RedirectInside',
    at,
    path: 'service',
    must: 'must be a host that clients can ask',
    found: `but '${host}' looks like the name of a Service, which only the cluster knows`,
    fix: 'write the host as browsers know it, such as www.example.com',
  });
}

/** Says of a Mapping that is no redirect what only one has. */
export function reportNoRedirect(values: MappingValues, { report }: Scene): void {
  const must = 'must have `host_redirect: true` beside it';
  const fix = 'add `host_redirect: true` and the host in `service`, or write `rewrite` if requests are to be sent on';
  reportBeside(['path_redirect', 'prefix_redirect'], values, () => ({ must, fix }), report);
  reportIdle(['redirect_response_code'], values, 'since nothing is redirected without `host_redirect`', report);
}
