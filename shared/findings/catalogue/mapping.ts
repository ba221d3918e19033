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
  {
    code: 'WM079',
    name: 'FieldsDisagree',
    severity: 'error',
    meaning: 'Two fields of one Mapping exclude each other, or one makes no sense without another.',
    bad: "service: www.example.com\nhost_redirect: true\nrewrite: ''",
    good: 'service: www.example.com\nhost_redirect: true\npath_redirect: /new/',
  },
  {
    code: 'WM080',
    name: 'PatternWrong',
    severity: 'error',
    meaning:
      'A regular expression is none of RE2, the dialect of Envoy, or becomes too large: Envoy would refuse it together with the routes of everybody else.',
    bad: "prefix: '/api/(?!internal)'\nprefix_regex: true\nrewrite: ''",
    good: "prefix: '/api/[^/]+'\nprefix_regex: true\nrewrite: ''",
  },
  {
    code: 'WM081',
    name: 'RewriteOfAll',
    severity: 'warning',
    meaning:
      'Of an exact path or a pattern the whole path is replaced, and by `/` if nothing else is written: as Ambassador does, and seldom what is meant.',
    bad: "prefix: '/api/.*'\nprefix_regex: true",
    good: "prefix: '/api/.*'\nprefix_regex: true\nrewrite: ''",
  },
  {
    code: 'WM082',
    name: 'RewriteSlashes',
    severity: 'warning',
    meaning:
      'The prefix has no slash at its end and what replaces it has one, so that there are two in the paths below. The default of `rewrite` is `/`.',
    bad: 'prefix: /api',
    good: 'prefix: /api/',
  },
  {
    code: 'WM083',
    name: 'PreflightUnanswered',
    severity: 'warning',
    meaning:
      'The Mapping has `cors` but does not take the requests with method OPTIONS that browsers ask with, so that they are not answered by it.',
    bad: "cors: {origins: ['https://example.com']}\nmethod: POST",
    good: "cors: {origins: ['https://example.com']}\nmethod: POST|OPTIONS\nmethod_regex: true",
  },
  {
    code: 'WM084',
    name: 'ConnectionsForeign',
    severity: 'error',
    meaning:
      'A field says how connections to a Service of another namespace are made. That would hold for all who send there, and is up to that namespace.',
    bad: 'service: web.tools\nconnect_timeout_ms: 500',
    good: 'service: web.tools',
  },
  {
    code: 'WM085',
    name: 'RedirectInside',
    severity: 'warning',
    meaning: 'The host of a redirect has no dot: it looks like the name of a Service, which clients cannot ask.',
    bad: 'service: web\nhost_redirect: true',
    good: 'service: www.example.com\nhost_redirect: true',
  },
  {
    code: 'WM086',
    name: 'PrefixTakesSiblings',
    severity: 'warning',
    meaning:
      'A prefix without slash at its end is compared letter by letter, so that it takes paths of another Mapping of the text as well, as far as that one leaves them.',
    bad: "prefix: /man\nrewrite: ''\n---\nname: two\nprefix: /mankind/",
    good: 'prefix: /man/\n---\nname: two\nprefix: /mankind/',
  },
  {
    code: 'WM087',
    name: 'PatternLooksLikeGlob',
    severity: 'warning',
    meaning:
      'A pattern has `/*`, which takes any number of slashes, where file names have it for anything. RE2 writes `/.*`.',
    bad: "prefix: /api/*\nprefix_regex: true\nrewrite: ''",
    good: "prefix: /api/.*\nprefix_regex: true\nrewrite: ''",
  },
  {
    code: 'WM088',
    name: 'LabelTaken',
    severity: 'error',
    meaning:
      'A label of `metadata_labels` is one of Waymark itself, or another Mapping of the text gives it another value.',
    bad: 'metadata_labels: {app.kubernetes.io/managed-by: me}',
    good: 'metadata_labels: {team: search}',
  },
] as const satisfies readonly CatalogueRow[];
