import type { ExternalIds } from './cluster-facts.ts';
import { MAX_EXTERNAL_ID } from './values/external-ports.ts';

/** The ConfigMap, in Waymark's own namespace, that says who has which number of access by address and port. */
export const EXTERNAL_LEDGER = 'waymark-external-ids';

/** Holders are `<namespace>/<name>` of a Deployment. */
export interface ExternalLedger {
  /** Numbers in use: wanted by a Deployment that is there, or served by a Service that is there. */
  readonly held: ReadonlyMap<number, string>;
  /** Free numbers, and who had each of them last: it gets it back as long as nobody else has got it. */
  readonly remembered: ReadonlyMap<number, string>;
}

/** A ledger as it was read, with the keys of what is none of its entries, sorted. */
export interface ParsedLedger extends ExternalLedger {
  readonly damaged: readonly string[];
}

const HELD_KEY = /^[1-9]\d{0,4}$/;
const FREE_SUFFIX = '.free';
const HOLDER = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/**
 * The `data` of the ConfigMap: `'17': shop/a` is a number in use, `'17.free': shop/a` one that is not. What is damaged
 * is left out. Of a number that is both, the first counts.
 */
export function parseLedger(data: Readonly<Record<string, unknown>> | undefined): ParsedLedger {
  const held = new Map<number, string>();
  const free = new Map<number, string>();
  const damaged: string[] = [];
  for (const [key, holder] of Object.entries(data ?? {})) {
    const isFree = key.endsWith(FREE_SUFFIX);
    const id = idOf(isFree ? key.slice(0, -FREE_SUFFIX.length) : key);
    if (id === undefined || typeof holder !== 'string' || !HOLDER.test(holder)) damaged.push(key);
    else (isFree ? free : held).set(id, holder);
  }
  const remembered = new Map([...free].filter(([id]) => !held.has(id)));
  return { held: sorted(held), remembered: sorted(remembered), damaged: damaged.sort() };
}

function idOf(text: string): number | undefined {
  const id = HELD_KEY.test(text) ? Number(text) : undefined;
  return id !== undefined && id <= MAX_EXTERNAL_ID ? id : undefined;
}

/** By number; equal ledgers give equal bytes. */
export function printLedger({ held, remembered }: ExternalLedger): Readonly<Record<string, string>> {
  const free = [...remembered].map(([id, holder]) => [`${id}${FREE_SUFFIX}`, holder] as const);
  const used = [...held].map(([id, holder]) => [String(id), holder] as const);
  return Object.fromEntries([...used.sort(byNumber), ...free.sort(byNumber)]);
}

function byNumber([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10);
}

function sorted(entries: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  return new Map([...entries].sort(([a], [b]) => a - b));
}

/** The facts that a ledger tells by itself; what others write is known only to who reads all Deployments. */
export function externalIdsOf({ held, remembered }: ExternalLedger): ExternalIds {
  const numbersOf = (ids: ReadonlyMap<number, string>, holder: string) =>
    [...ids].filter(([, one]) => one === holder).map(([id]) => id);
  return {
    held,
    wanted: new Set(),
    idsOf: holder => numbersOf(held, holder),
    remembered: holder => numbersOf(remembered, holder)[0],
  };
}
