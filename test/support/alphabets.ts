/** Which characters the strings of built objects are made of, by where they stand. */
const DNS = String.raw`[a-z0-9]([a-z0-9.-]*[a-z0-9])?`;

const ALPHABETS: readonly (readonly [path: RegExp, alphabet: RegExp])[] = [
  [/^\/apiVersion$/, /^[a-z0-9./]+$/],
  [/^\/kind$/, /^[A-Za-z]+$/],
  [/^\/metadata\/(name|namespace)$/, new RegExp(`^${DNS}$`)],
  [/^\/metadata\/labels\/app\.kubernetes\.io~1managed-by$/, /^waymark$/],
  [/^\/metadata\/ownerReferences\/0\/(apiVersion|kind|name|uid)$/, /^[A-Za-z0-9./-]+$/],
  [/^\/spec\/type$/, /^ClusterIP$/],
  [/^\/spec\/selector\/[^/]+$/, /^[A-Za-z0-9._-]*$/],
  [/^\/spec\/ports\/\d+\/name$/, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/],
  [/^\/spec\/ports\/\d+\/protocol$/, /^TCP$/],
  [/^\/spec\/ports\/\d+\/appProtocol$/, /^[a-z0-9-]+$/],
  [/^\/spec\/scaleTargetRef\/(apiVersion|kind|name)$/, /^[A-Za-z0-9./-]+$/],
  [/^\/spec\/metrics\/\d+\/type$/, /^Resource$/],
  [/^\/spec\/metrics\/\d+\/resource\/name$/, /^(cpu|memory)$/],
  [/^\/spec\/metrics\/\d+\/resource\/target\/type$/, /^(Utilization|AverageValue)$/],
  [/^\/spec\/metrics\/\d+\/resource\/target\/averageValue$/, /^[0-9]+(m|k|[KMGTPE]i?)?$/],
  [/^\/spec\/hosts\/0$/, new RegExp(`^${DNS}$`)],
  [/^\/spec\/gateways\/0$/, new RegExp(`^${DNS}/${DNS}$`)],
  [/^\/spec\/http\/\d+\/name$/, /^[a-z0-9.-]+\/[a-z0-9.-]+\/[A-Za-z0-9._-]+$/],
  [/^\/spec\/http\/\d+\/match\/0\/uri\/prefix$/, /^\/[A-Za-z0-9\-._~!&'()*+,;=:@/%]*$/],
  [/^\/spec\/http\/\d+\/match\/0\/method\/exact$/, /^[A-Z]+$/],
  [/^\/spec\/http\/\d+\/match\/0\/headers\/[a-z0-9-]+\/exact$/, /^[\x20-\x7e]+$/],
  [/^\/spec\/http\/\d+\/rewrite\/uri$/, /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*$/],
  [/^\/spec\/http\/\d+\/route\/0\/destination\/host$/, new RegExp(`^${DNS}\\.svc\\.${DNS}$`)],
  [/^\/spec\/http\/\d+\/timeout$/, /^[0-9]+(\.[0-9]{1,3})?s$/],
];

/** The strings of an object that are not of the alphabet of their place, and those whose place has none. */
export function strayStrings(value: unknown, path = ''): string[] {
  if (typeof value === 'string') {
    const alphabet = ALPHABETS.find(([place]) => place.test(path))?.[1];
    return alphabet?.test(value) === true ? [] : [`${path}: ${JSON.stringify(value)}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => strayStrings(part, `${path}/${key.replaceAll('/', '~1')}`));
}
