import { HAND_OVER, namespaceAnnotation, POLICY_LABEL } from './annotation-keys.ts';
import { fieldSite, finding } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import type { EffectiveSettings } from './intent.ts';
import { unknownNamespaceKeys } from './namespace-keys.ts';
import { allowedBlocks, ENVIRONMENTS, POLICIES } from './settings.ts';
import type { NamespaceSetting, Settings } from './settings.ts';
import type { Namespace } from './snapshot.ts';
import { isDnsLabel, isDnsName } from './values/dns.ts';
import { readHost } from './values/host.ts';
import { canonicalAddress, holdsAddress, specialUse } from './values/ip-address.ts';
import { refusedInValue } from './annotation/characters.ts';

/** Says that a namespace's value cannot be used. */
type Refuse = (name: SettingName, value: string, must: string) => void;
type SettingName = NamespaceSetting | typeof HAND_OVER;

/** Whose bad entries are left out, while the list stays: the platform's, or none, would be looser. */
const LISTS: ReadonlySet<SettingName> = new Set(['allowed-hosts', 'external-ips', HAND_OVER]);

/**
 * The namespace's settings laid over the platform's. What the platform does not let namespaces set is not looked at; a
 * value that cannot be used leaves the platform's, and never anything looser.
 */
export function effectiveSettings(settings: Settings, namespace: Namespace | undefined): EffectiveSettings {
  return readNamespace(settings, namespace, () => undefined);
}

/** What is wrong with the settings of a namespace: warnings on the Namespace, in a fixed order. */
export function namespaceFindings(settings: Settings, namespace: Namespace): Finding[] {
  const findings: Finding[] = [];
  readNamespace(settings, namespace, (setting, value, must) => {
    const site =
      setting === 'policy'
        ? fieldSite('metadata', 'labels', POLICY_LABEL)
        : fieldSite('metadata', 'annotations', namespaceAnnotation(setting));
    findings.push(
      finding('NamespaceSettingWrong', {
        object: { kind: 'Namespace', namespace: '', name: namespace.metadata.name },
        site,
        must,
        found: `but is '${value.slice(0, 64)}' on Namespace ${namespace.metadata.name}`,
        fix: `correct it; until then ${LISTS.has(setting) ? 'it counts for nothing' : 'the setting of the platform counts'}`,
      }),
    );
  });
  return [...findings, ...unknownNamespaceKeys(namespace)];
}

/** Whether Mappings of namespace `from` may send to Services of `target`, another namespace. */
export function permitsTraffic(settings: Settings, target: Namespace | undefined, from: string): boolean {
  const value = valueOf(settings, target, 'allow-traffic-from');
  return value !== undefined && wordsOf(value).some(word => word === from || word === '*');
}

function readNamespace(settings: Settings, namespace: Namespace | undefined, refuse: Refuse): EffectiveSettings {
  const environment = valueOf(settings, namespace, 'environment');
  const area = valueOf(settings, namespace, 'area');
  const domain = valueOf(settings, namespace, 'domain');
  const policy = valueOf(settings, namespace, 'policy');
  const allowedHosts = allowedHostsOf(valueOf(settings, namespace, 'allowed-hosts'), refuse);
  const externalIPs = externalIPsOf(settings, valueOf(settings, namespace, 'external-ips'), refuse);
  return {
    environment: oneOf(ENVIRONMENTS, 'environment', environment, refuse) ?? settings.environment,
    area:
      checked('area', area, refusedInValue(area ?? '') === -1, 'must hold visible characters', refuse) ?? settings.area,
    domain: checked('domain', domain, isDnsName(domain ?? ''), 'must be a DNS name', refuse) ?? settings.domain,
    policy: oneOf(POLICIES, 'policy', policy, refuse) ?? settings.policy,
    ...(allowedHosts !== undefined && { allowedHosts }),
    ...(externalIPs !== undefined && { externalIPs }),
    handOver: handOverOf(namespace, refuse),
  };
}

function valueOf(settings: Settings, namespace: Namespace | undefined, setting: NamespaceSetting): string | undefined {
  if (namespace === undefined || !settings.namespaceSettings.includes(setting)) return undefined;
  const { labels, annotations } = namespace.metadata;
  const value = setting === 'policy' ? labels?.[POLICY_LABEL] : annotations?.[namespaceAnnotation(setting)];
  return value?.trim();
}

function oneOf<T extends string>(
  words: readonly T[],
  setting: NamespaceSetting,
  value: string | undefined,
  refuse: Refuse,
): T | undefined {
  const word = words.find(each => each === value);
  if (word === undefined && value !== undefined && value !== '') {
    refuse(setting, value, `must be one of ${words.map(each => `'${each}'`).join(', ')}`);
  }
  return word;
}

/** The value if it is given and good. */
function checked(
  setting: NamespaceSetting,
  value: string | undefined,
  good: boolean,
  must: string,
  refuse: Refuse,
): string | undefined {
  if (value === undefined || value === '' || good) return value === '' ? undefined : value;
  refuse(setting, value, must);
  return undefined;
}

/** A list that is there confines, also if some or all of its entries are no names: those allow nothing. */
function allowedHostsOf(value: string | undefined, refuse: Refuse): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return wordsOf(value).filter(word => {
    if (isDnsName(word)) return true;
    refuse('allowed-hosts', word, 'must be a list of DNS names, with commas between');
    return false;
  });
}

/** Those that may be had. Where none of them may, the platform's are not taken instead: they were not asked for. */
function externalIPsOf(
  { external }: Settings,
  value: string | undefined,
  refuse: Refuse,
): readonly string[] | undefined {
  if (value === undefined || value === '') return undefined;
  const allowed = allowedBlocks(external);
  const found = wordsOf(value).flatMap(word => {
    const address = canonicalAddress(word);
    const use = address === undefined ? undefined : specialUse(address);
    if (address === undefined) refuse('external-ips', word, 'must be a list of IP addresses, with commas between');
    else if (use !== undefined) refuse('external-ips', word, `must hold no ${use.replace(/^(?:an?|the) /, '')}`);
    else if (!allowed.some(block => holdsAddress(block, address))) {
      refuse('external-ips', word, 'must hold addresses that the setting `external.allowedIPs` allows');
    } else return [address];
    return [];
  });
  return [...new Set(found)];
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Whoever reads it looks also at who owns the host: what one does not have cannot be given away. */
function handOverOf(namespace: Namespace | undefined, refuse: Refuse): ReadonlyMap<string, string> {
  const value = namespace?.metadata.annotations?.[namespaceAnnotation(HAND_OVER)];
  if (namespace === undefined || value === undefined) return NOTHING;
  const moves = new Map<string, string>();
  for (const word of wordsOf(value)) {
    const [text = '', to = '', ...more] = word.split('=');
    const reading = readHost(text);
    if (!('host' in reading) || !isDnsLabel(to) || more.length > 0) {
      refuse(HAND_OVER, word, 'must be a list such as `shop.example.com=team-b`, with commas between');
    } else if (to === namespace.metadata.name) {
      refuse(HAND_OVER, word, 'must name another namespace');
    } else if (moves.has(reading.host)) {
      refuse(HAND_OVER, word, 'must name each host once');
    } else {
      moves.set(reading.host, to);
    }
  }
  return moves;
}

function wordsOf(value: string): string[] {
  return value.split(/[\s,;]+/).filter(word => word !== '');
}
