import type { CatalogueRow } from './row.ts';

/** WM070 to WM099: Mapping. */
export const MAPPING_ROWS = [
  {
    code: 'WM070',
    name: 'MappingRepeated',
    severity: 'error',
    meaning: 'Two Mappings of the Deployment have the same name.',
    bad: 'name: predict   # in two documents',
    good: 'name: predict\n---\nname: metadata',
  },
  {
    code: 'WM071',
    name: 'HostOfAll',
    severity: 'warning',
    meaning:
      'The host is `*`. It is read as if it were left out: the hosts of the InferenceService, else its built-in host, else the host that all share.',
    bad: "hostname: '*'",
    good: 'hostname: resnet.example.com',
  },
  {
    code: 'WM072',
    name: 'PseudoHeader',
    severity: 'error',
    meaning: 'What HTTP calls a pseudo-header has a field of its own, so that the order of routes is right.',
    bad: 'headers: {":method": GET}',
    good: 'method: GET',
  },
  {
    code: 'WM073',
    name: 'ServiceTextWrong',
    severity: 'error',
    meaning:
      '`service` is not written as `name`, `name.namespace` or `name.namespace.svc`, with `:port` behind it if that is not 80.',
    bad: 'service: web:http',
    good: 'service: web:8080',
  },
  {
    code: 'WM074',
    name: 'ServiceExternal',
    severity: 'error',
    meaning:
      '`service` names a host outside the cluster, or a namespace that is not known; the platform must allow such hosts (`externalServices`).',
    bad: 'service: httpbin.org:80',
    good: 'service: httpbin.tools:80   # where `tools` is a namespace',
  },
  {
    code: 'WM075',
    name: 'NamespaceForeign',
    severity: 'error',
    meaning: "A Mapping's `namespace` must be the Deployment's own; nobody writes routes into another namespace.",
    bad: 'namespace: elsewhere',
    good: 'Leave it out.',
  },
  {
    code: 'WM076',
    name: 'AmbassadorIdSkipped',
    severity: 'warning',
    meaning: 'The Mapping is for another Ambassador (`ambassador_id`), so there is no route for it here.',
    bad: 'ambassador_id: [edge]',
    good: 'ambassador_id: [default]',
  },
  {
    code: 'WM077',
    name: 'RouteNowhere',
    severity: 'error',
    meaning:
      'There is no host that the Mapping could be on: it names none, the Deployment has none and the platform has none for all.',
    bad: 'prefix: /one/   # and the platform has neither `domain` nor `ingressHost`',
    good: 'prefix: /one/\nhostname: one.example.com',
  },
  {
    code: 'WM078',
    name: 'TargetNotPermitted',
    severity: 'error',
    stops: 'named',
    meaning:
      'The Mapping sends to a Service of another namespace that does not let this one (`waymark.dev/allow-traffic-from`). There is no route for it.',
    bad: 'service: web.other:8080',
    good: 'Namespace other: waymark.dev/allow-traffic-from: shop',
  },
] as const satisfies readonly CatalogueRow[];
