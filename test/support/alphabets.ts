/** Which characters the strings of built objects are made of, by where they stand. Both ends are anchored. */
import { literal } from '../../shared/inject/variables.ts';
import type { PatchOperation } from '../../shared/patch.ts';

const DNS = String.raw`[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Of a label: its key (a slash inside a path is `~1`) and its value. */
const LABEL_KEY = String.raw`(?:${DNS}~1)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?`;
const LABEL_VALUE = '(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?';
const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}`;
const QUANTITY = '[0-9]+(?:n|u|m|k|[KMGTPE]i?|e[0-9]{1,2}|e-[0-9]{1,2})?';
/** Of a path: what RFC 3986 lets stand, without `$`. */
const PATH = String.raw`/(?:[A-Za-z0-9\-._~!&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*`;
const NAMED = 'pods|object|external';
/** What a pattern is made of: everything that can be seen. */
const PATTERN = String.raw`[^\p{Cc}\p{Zl}\p{Zp}]+`;
const VISIBLE = String.raw`[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?`;
const HEADER = '[A-Za-z0-9][A-Za-z0-9._-]*';
const AUTHORITY = String.raw`[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?`;
const SECONDS = String.raw`[0-9]+(?:\.[0-9]{1,3})?s`;

const PLACES: readonly (readonly [path: string, alphabet: string])[] = [
  ['/apiVersion', '[a-z0-9./]+'],
  ['/kind', '[A-Za-z]+'],
  ['/metadata/(?:name|namespace)', DNS],
  ['/metadata/labels/app.kubernetes.io~1managed-by', 'waymark'],
  [`/metadata/labels/${LABEL_KEY}`, LABEL_VALUE],
  ['/metadata/ownerReferences/0/(?:apiVersion|kind|name|uid)', '[A-Za-z0-9./-]+'],
  // Service
  ['/spec/type', 'ClusterIP|LoadBalancer|NodePort'],
  [`/spec/selector/${LABEL_KEY}`, LABEL_VALUE],
  [String.raw`/spec/ports/\d+/name`, LABEL],
  [String.raw`/spec/ports/\d+/appProtocol`, '[a-z0-9-]+'],
  [String.raw`/spec/externalIPs/\d+`, ADDRESS],
  // HorizontalPodAutoscaler
  ['/spec/scaleTargetRef/(?:apiVersion|kind|name)', '[A-Za-z0-9./-]+'],
  [String.raw`/spec/metrics/\d+/type`, 'Resource|ContainerResource|Pods|Object|External'],
  [String.raw`/spec/metrics/\d+/(?:resource|containerResource)/name`, `(?:${DNS}/)?${LABEL_KEY}`],
  [String.raw`/spec/metrics/\d+/containerResource/container`, LABEL],
  [String.raw`/spec/metrics/\d+/[a-zA-Z]+/target/type`, 'Utilization|AverageValue|Value'],
  [String.raw`/spec/metrics/\d+/[a-zA-Z]+/target/(?:averageValue|value)`, QUANTITY],
  [String.raw`/spec/metrics/\d+/(?:${NAMED})/metric/name`, '[A-Za-z_][A-Za-z0-9_:./|-]{0,252}'],
  [String.raw`/spec/metrics/\d+/(?:${NAMED})/metric/selector/matchLabels/${LABEL_KEY}`, LABEL_VALUE],
  [String.raw`/spec/metrics/\d+/object/describedObject/apiVersion`, `(?:${DNS}/)?v[a-z0-9]+`],
  [String.raw`/spec/metrics/\d+/object/describedObject/kind`, '[A-Za-z][A-Za-z0-9]*'],
  [String.raw`/spec/metrics/\d+/object/describedObject/name`, DNS],
  // VirtualService
  ['/spec/hosts/0', DNS],
  ['/spec/gateways/0', `${DNS}/${DNS}`],
  [
    String.raw`/spec/http/\d+/name`,
    String.raw`[a-z0-9.-]+/[a-z0-9.-]+/[A-Za-z0-9._-]+(?:\+[a-z0-9.-]+/[a-z0-9.-]+/[A-Za-z0-9._-]+)*`,
  ],
  [String.raw`/spec/http/\d+/match/0/uri/(?:prefix|exact)`, PATH],
  [String.raw`/spec/http/\d+/match/0/(?:uri|method|headers/${HEADER}|queryParams/[^/]+)/regex`, PATTERN],
  [String.raw`/spec/http/\d+/match/0/method/exact`, '[A-Z]+'],
  [String.raw`/spec/http/\d+/match/0/headers/[a-z0-9][a-z0-9._-]*/exact`, VISIBLE],
  [String.raw`/spec/http/\d+/match/0/queryParams/[^/]+/exact`, '[!"$%\'-~]+'],
  [String.raw`/spec/http/\d+/rewrite/uri`, PATH],
  [String.raw`/spec/http/\d+/rewrite/uriRegexRewrite/(?:match|rewrite)`, PATTERN],
  [String.raw`/spec/http/\d+/rewrite/authority`, AUTHORITY],
  [String.raw`/spec/http/\d+/redirect/authority`, DNS],
  [String.raw`/spec/http/\d+/redirect/(?:uri|prefixRewrite)`, PATH],
  [String.raw`/spec/http/\d+/redirect/scheme`, 'https?'],
  [String.raw`/spec/http/\d+/(?:route/\d+/)?headers/request/set/Host`, AUTHORITY],
  [String.raw`/spec/http/\d+/(?:route/\d+/)?headers/(?:request|response)/(?:add|set)/${HEADER}`, `(?:${VISIBLE})?`],
  [String.raw`/spec/http/\d+/(?:route/\d+/)?headers/(?:request|response)/remove/\d+`, HEADER],
  [String.raw`/spec/http/\d+/corsPolicy/allowOrigins/\d+/exact`, '[!-~]+'],
  [String.raw`/spec/http/\d+/corsPolicy/allowMethods/\d+`, String.raw`[A-Z]+|\*`],
  [String.raw`/spec/http/\d+/corsPolicy/(?:allowHeaders|exposeHeaders)/\d+`, String.raw`${HEADER}|\*`],
  [String.raw`/spec/http/\d+/corsPolicy/maxAge`, SECONDS],
  [String.raw`/spec/http/\d+/retries/retryOn`, '[a-z0-9,-]+'],
  [String.raw`/spec/http/\d+/(?:retries/perTryTimeout|timeout)`, SECONDS],
  [String.raw`/spec/http/\d+/(?:route|mirrors)/\d+/destination/host`, DNS],
  // ServiceEntry
  [String.raw`/spec/ports/\d+/protocol`, 'HTTP|HTTPS|HTTP2|GRPC|TLS|TCP'],
  ['/spec/location', 'MESH_EXTERNAL'],
  ['/spec/resolution', '[A-Z_]+'],
  [String.raw`/spec/exportTo/\d+`, LABEL],
  // DestinationRule
  ['/spec/host', DNS],
  [
    String.raw`/spec/trafficPolicy/(?:.*/)?(?:connectTimeout|idleTimeout|maxConnectionDuration|time|interval|ttl)`,
    SECONDS,
  ],
  [String.raw`/spec/trafficPolicy/(?:.*/)?h2UpgradePolicy`, 'UPGRADE'],
  [String.raw`/spec/trafficPolicy/(?:.*/)?(?:httpHeaderName|httpCookie/name)`, HEADER],
  [String.raw`/spec/trafficPolicy/(?:.*/)?httpCookie/path`, String.raw`/[!-:<-~]*`],
  [String.raw`/spec/trafficPolicy/(?:.*/)?(?:simple|mode)`, '[A-Z_]+'],
  [String.raw`/spec/trafficPolicy/(?:.*/)?(?:sni|subjectAltNames/\d+)`, DNS],
  [String.raw`/spec/trafficPolicy/(?:.*/)?caCertificates`, 'system'],
];

const ALPHABETS = PLACES.map(([path, alphabet]) => [exactly(path), exactly(alphabet)] as const);

/** `$` alone would let a line end stand behind. */
function exactly(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$(?![^])`, pattern.includes('\\p{') ? 'u' : '');
}

/** The strings of an object that are not of the alphabet of their place, and those whose place has none. */
export function strayStrings(value: unknown, path = ''): string[] {
  if (typeof value === 'string') {
    const alphabet = ALPHABETS.find(([place]) => place.test(path))?.[1];
    return alphabet?.test(value) === true ? [] : [`${path}: ${JSON.stringify(value)}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    strayStrings(part, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

/** What nobody can see, or what changes the order in which the rest is seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * The strings of a patch that nobody could see, and the paths that a patch of ours must not reach. `given` are strings
 * of the object that are copied as they are: images, stored values, names of containers.
 */
export function strayPatchStrings(patch: readonly PatchOperation[], given: readonly string[] = []): string[] {
  // The longest first: a line end by itself, taken out of a text, would leave nothing to know that text by.
  const own = given
    .filter(text => UNSEEN.test(text))
    .toSorted((a, b) => b.length - a.length)
    .flatMap(text => [text, literal(text), JSON.stringify(text).slice(1, -1)]);
  return patch.flatMap(operation => [
    ...(PATCHED.test(operation.path) ? [] : [`path: ${JSON.stringify(operation.path)}`]),
    ...('value' in operation ? unseenStrings(operation.value, operation.path, own) : []),
  ]);
}

/** Bookkeeping, variables and the size: nothing else of a Deployment is ours to write. */
const PATCHED = exactly(
  [
    '/metadata/annotations(?:/waymark\\.dev~1(?:injected|replicas))?',
    '/spec/template/spec/(?:containers|initContainers)/\\d+/env(?:/\\d+)?',
    '/spec/replicas',
  ].join('|'),
);

function unseenStrings(value: unknown, path: string, own: readonly string[]): string[] {
  if (typeof value === 'string') {
    const rest = own.reduce((text, part) => text.replaceAll(part, ''), value);
    return UNSEEN.test(rest) ? [`${path}: ${JSON.stringify(value)}`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => unseenStrings(part, `${path}/${key}`, own));
}
