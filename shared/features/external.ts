import type { InferenceServiceDocument } from '../documents.ts';
import type { ExternalAccessText } from '../fields/external.ts';
import type { External, ExternalAddress, ServicePort } from '../intent.ts';
import { allowedBlocks } from '../settings.ts';
import type { Range } from '../source.ts';
import { holdsAddress } from '../values/ip-address.ts';
import { externalPorts, isPortRange, MAX_EXTERNAL_PORTS } from '../values/external-ports.ts';
import type { Scene } from './scene.ts';

/** Access by address and port; undefined = none is due, or it cannot be had, and that has been reported. */
export function externalOf(
  { at, values, given }: InferenceServiceDocument,
  ports: readonly ServicePort[],
  scene: Scene,
): External | undefined {
  const written = values.external;
  if (written?.value === false || (written === undefined && given.has('external'))) return undefined;
  const { strategy } = scene.settings.external;
  const text = written?.value;
  if (written === undefined && !isDueByItself(scene)) return undefined;
  if (strategy === 'none') {
    if (written !== undefined) reportUnavailable(written.at, 'but the platform has switched it off', scene);
    return undefined;
  }
  const addresses = strategy === 'externalIPs' ? addressesOf(text, scene) : [];
  if (strategy === 'externalIPs' && addresses.length === 0) {
    if (written !== undefined && (text?.ips ?? []).length === 0) {
      reportUnavailable(written.at, 'but neither the namespace nor the platform has an address', scene);
    }
    return undefined;
  }
  if (strategy !== 'externalIPs' && text?.ips !== undefined && text.ips.length > 0) {
    reportUnusedAddresses(text.ipsAt ?? at, strategy, scene);
  }
  if (ports.length === 0) return undefined;
  const place = written?.at ?? { start: at.start, end: at.start };
  if (ports.length > MAX_EXTERNAL_PORTS) {
    if (written === undefined) reportTooManyPorts(place, ports.length, scene);
    else reportPorts(place, ports.length, scene);
    return undefined;
  }
  if (!checkId(text?.id, ports.length, scene)) return undefined;
  return { at: place, strategy, ...(text?.id && { id: text.id }), addresses };
}

/** The ancestor's way in prod; the other strategies cost something, and ask to be asked. */
function isDueByItself({ environment, settings: { external } }: Scene): boolean {
  return environment === 'prod' && (external.strategy === 'externalIPs' || external.byDefault);
}

/** The first of annotation, namespace and platform that names any; those that may not be had are reported. */
function addressesOf(written: ExternalAccessText | undefined, scene: Scene): readonly ExternalAddress[] {
  const { effective, settings } = scene;
  const own = written?.ips;
  if (own !== undefined && own.length > 0) return own.filter(address => checkAllowed(address, scene));
  if (effective.externalIPs !== undefined) {
    const path = `\`waymark.dev/external-ips\` of Namespace ${scene.deployment.metadata.namespace}`;
    return effective.externalIPs.map(value => ({ value, path }));
  }
  return settings.external.ips.map(value => ({ value, path: '`external.ips` of the platform' }));
}

function checkAllowed(
  { value, at, path }: Required<ExternalAddress>,
  { settings: { external }, report }: Scene,
): boolean {
  const allowed = allowedBlocks(external);
  if (allowed.some(block => holdsAddress(block, value))) return true;
  report({
    name: 'ExternalAddressNotAllowed',
    at,
    path,
    must:
      allowed.length === 0
        ? 'must be left out: the platform allows no addresses'
        : `must be or lie in one of ${allowed.map(block => `'${block}'`).join(', ')}`,
    found: `but is '${value}'`,
    fix:
      allowed.length === 0
        ? 'ask the platform for addresses (`external.allowedIPs`)'
        : `write an address in '${allowed[0] ?? ''}'`,
  });
  return false;
}

function reportPorts(at: Range, count: number, { report }: Scene): void {
  report({
    name: 'ExternalPorts',
    at,
    path: 'external',
    must: `must be for at most ${MAX_EXTERNAL_PORTS} ports`,
    found: `but the service has ${count}`,
    fix: 'name those that are meant under `ports`, or write `external: false`',
  });
}

/** Nobody asked for it: what the platform gives to all must not refuse a service that is good without it. */
function reportTooManyPorts(at: Range, count: number, { report }: Scene): void {
  report({
    name: 'ExternalUnavailable',
    at,
    path: 'external',
    must: `can be had by a service of at most ${MAX_EXTERNAL_PORTS} ports only`,
    found: `but this one has ${count}`,
    fix: 'name those that are meant under `ports`, or write `external: false`',
  });
}

function checkId(id: ExternalAccessText['id'], count: number, { settings: { external }, report }: Scene): boolean {
  if (id === undefined || isPortRange(external, id.value, count)) return true;
  const [first, last] = externalPorts(external, id.value, count);
  const { nodePortRange } = external;
  report({
    name: 'ExternalPortRange',
    at: id.at,
    path: 'external.id',
    must:
      external.strategy === 'nodePort'
        ? `must give node ports from ${nodePortRange.first} to ${nodePortRange.last}`
        : 'must give ports up to 65535',
    found: `but ${id.value} gives ${first}${last === first ? '' : ` to ${last}`}`,
    fix: 'write a lower number, or leave it out: a free one is taken',
  });
  return false;
}

function reportUnavailable(at: Range, found: string, { report }: Scene): void {
  report({
    name: 'ExternalUnavailable',
    at,
    path: 'external',
    must: 'can be had only where the platform gives access by address and port',
    found,
    fix: 'ask the platform, or delete it; it is built as soon as there is one',
  });
}

function reportUnusedAddresses(at: Range, strategy: string, { report }: Scene): void {
  report({
    name: 'FieldIgnored',
    at,
    path: 'external.ips',
    must: 'has no effect',
    found: `since the platform gives access by ${strategy}`,
    fix: 'delete it',
  });
}
