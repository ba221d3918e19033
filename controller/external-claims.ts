import type { ExternalLedger } from '../shared/external-ledger.ts';

/** Who has which number now, and who had it last. Holders are `<namespace>/<name>` of a Deployment. */
export interface ExternalClaims extends ExternalLedger {
  /** Live views, as the ledger is printed. */
  readonly held: ReadonlyMap<number, string>;
  readonly remembered: ReadonlyMap<number, string>;
  /** In the order in which it got them. */
  idsOf(holder: string): readonly number[];
  lastOf(holder: string): number | undefined;
  /** Answers whether that is news. What another one holds cannot be claimed: nobody would have planned it. */
  claim(holder: string, id: number): boolean;
  /** It stays in memory as the one that its holder had last, unless that one has another. */
  release(id: number): void;
  /** Takes a ledger in exchange for what was known. `served`: whether a live Service of the holder has the number. */
  replace(ledger: ExternalLedger, served: (holder: string, id: number) => boolean): void;
}

export function createExternalClaims(): ExternalClaims {
  const held = new Map<number, string>();
  const remembered = new Map<number, string>();
  const byHolder = new Map<string, number[]>();
  const last = new Map<string, number>();

  function forget(id: number | undefined): void {
    const holder = id === undefined ? undefined : remembered.get(id);
    if (id === undefined || holder === undefined) return;
    remembered.delete(id);
    last.delete(holder);
  }

  function remember(holder: string, id: number): void {
    forget(last.get(holder));
    forget(id);
    remembered.set(id, holder);
    last.set(holder, id);
  }

  function claim(holder: string, id: number): boolean {
    const other = held.get(id);
    if (other === holder) return false;
    if (other !== undefined) throw new Error(`number ${id} for ${holder} is held by ${other}`);
    forget(id);
    forget(last.get(holder));
    held.set(id, holder);
    byHolder.set(holder, [...(byHolder.get(holder) ?? []), id]);
    return true;
  }

  return {
    held,
    remembered,
    idsOf: holder => byHolder.get(holder) ?? [],
    lastOf: holder => last.get(holder),
    claim,
    release(id) {
      const holder = held.get(id);
      if (holder === undefined) return;
      held.delete(id);
      const rest = (byHolder.get(holder) ?? []).filter(one => one !== id);
      if (rest.length > 0) {
        byHolder.set(holder, rest);
        return;
      }
      byHolder.delete(holder);
      remember(holder, id);
    },
    replace(ledger, served) {
      for (const map of [held, remembered, byHolder, last]) map.clear();
      const entries = [...ledger.held];
      // First those that requests come in by.
      for (const isServed of [true, false]) {
        for (const [id, holder] of entries) if (served(holder, id) === isServed) claim(holder, id);
      }
      for (const [id, holder] of ledger.remembered) {
        if (!held.has(id) && !byHolder.has(holder)) remember(holder, id);
      }
    },
  };
}
