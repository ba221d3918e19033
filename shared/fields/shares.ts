import type { Range } from '../source.ts';
import { isDnsLabel, isServiceName } from '../values/dns.ts';
import { quoted } from './field.ts';
import type { Read } from './field.ts';
import { itemCount, mapEntries, reportRepeated } from './items.ts';
import type { Entry } from './items.ts';
import { percentOf } from './percent.ts';

/** What one target of `split` or `mirror` gets, as written. */
export interface ShareText {
  /** Of the name. */
  readonly at: Range;
  readonly path: string;
  /** Absent = the own namespace. */
  readonly namespace?: string;
  readonly name: string;
  /** A whole number from 0 to 100. */
  readonly percent: number;
}

/** `{svc: 20%, other/svc: 30}` or `svc:20%,other/svc:30%`. All of them or none: one that is left out would be the others'. */
export const readShares: Read<readonly ShareText[]> = (node, path, report) => {
  const entries = mapEntries(node, path, report);
  const seen = new Map<string, Range>();
  const shares = entries?.flatMap(entry => {
    const { key, keyAt, path: item } = entry;
    const first = seen.get(key);
    seen.set(key, first ?? keyAt);
    if (first === undefined) return shareOf(entry, report) ?? [];
    reportRepeated(key, keyAt, item, first, report);
    return [];
  });
  return shares?.length === itemCount(node) ? shares : undefined;
};

function shareOf(entry: Entry, report: Parameters<Read<unknown>>[2]): ShareText | undefined {
  const { key, keyAt, text, at, path } = entry;
  const [name = '', namespace, ...more] = key.split('/').toReversed();
  const isTarget = isServiceName(name) && more.length === 0 && (namespace === undefined || isDnsLabel(namespace));
  const percent = percentOf(entry, report);
  if (!isTarget) {
    report({
      name: 'ValueWrong',
      at: keyAt,
      path,
      must: 'must be the name of a service, or `namespace/name`',
      found: `but is ${quoted(key)}`,
      fix: shortName(key) ?? "write the service's name",
    });
  }
  if (percent === undefined) {
    report({
      name: 'ValueWrong',
      at,
      path,
      must: 'must be a whole percentage from 0% to 100%',
      found: `but is ${quoted(text)}`,
      fix: `write \`${key}:20%\``,
    });
  }
  if (!isTarget || percent === undefined) return undefined;
  return { at: keyAt, path, name, ...(namespace !== undefined && { namespace }), percent };
}

/** Whoever writes a DNS name means the Service that it stands for. */
function shortName(key: string): string | undefined {
  const [name = '', namespace = '', svc] = key.toLowerCase().split('.');
  if (!isServiceName(name) || !isDnsLabel(namespace) || (svc !== undefined && svc !== 'svc')) return undefined;
  return `write \`${namespace}/${name}\``;
}
