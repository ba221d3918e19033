import { isDeepStrictEqual } from 'node:util';
import { createBackoff } from '../kube/backoff.ts';
import { sleep } from '../kube/clock.ts';
import type { Clock } from '../kube/clock.ts';
import { isConflict, isNotFound } from '../kube/kube-error.ts';
import { NotLeading } from '../kube/leader.ts';
import type { Change, KubeClient } from '../kube/types.ts';
import type { Logger } from '../runtime/log.ts';
import type { ClusterFacts } from '../shared/cluster-facts.ts';
import type { BuiltObject, Compilation, ExternalClaim } from '../shared/compilation.ts';
import { parseLedger, printLedger } from '../shared/external-ledger.ts';
import type { ParsedLedger } from '../shared/external-ledger.ts';
import { idCount, servedIds } from '../shared/values/external-ports.ts';
import { nameOf } from '../shared/findings/finding.ts';
import { holderOf, refOf } from '../shared/plan/external.ts';
import { deploymentGroup } from '../shared/plan/hosts.ts';
import type { ExternalSettings } from '../shared/settings.ts';
import type { ExistingObject, GroupKey } from '../shared/snapshot.ts';
import { createExternalClaims } from './external-claims.ts';
import { createServedIds, isExternalName, liveIds } from './external-services.ts';
import { createExternalStore } from './external-store.ts';
import type { ExternalStoreOptions, LedgerData } from './external-store.ts';
import type { ExternalWants } from './external-wants.ts';

/**
 * Who has which number of access by address and port. Numbers are claimed in memory, at once, then written down, and
 * only then used; they are given up when their Service is gone. What is written down outlives Services, Deployments and
 * this process; without it the live Services tell.
 */
export interface ExternalIdKeeper {
  readonly synced: Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Learns who has what; answers whether numbers may be claimed: not when this process is told to follow meanwhile. */
  lead(): Promise<boolean>;
  follow(): void;
  /** Groups of all that hold a number: those without a Deployment too, since theirs must be given up. */
  groups(): Iterable<GroupKey>;
  /** For snapshots: always as things are now. */
  readonly facts: ClusterFacts['externalIds'];
  /** What was planned on these facts, before they can change. */
  claim(claims: readonly ExternalClaim[]): void;
  /** Resolves when what the object needs is written down; rejects when it could not be, or is another's by now. */
  permit(built: BuiltObject): Promise<void>;
  /** Gives up what the group has no more, after it was built. Rejects with KubeError. */
  settle(group: GroupKey, compilation: Compilation): Promise<void>;
  serviceChanged(change: Change<ExistingObject>): void;
}

export interface ExternalIdOptions extends Omit<ExternalStoreOptions, 'onChange' | 'clock' | 'random'> {
  readonly settings: ExternalSettings;
  readonly wants: ExternalWants;
  /** Something has changed for a Deployment. */
  readonly onGroup: (group: GroupKey) => void;
  readonly onState: (numbers: { readonly held: number; readonly free: number }) => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly client: KubeClient;
}

/** How often a write that met another one is tried again at once. */
const ATTEMPTS = 5;
const BACKOFF = { base: 500, cap: 30_000 };

class ClaimLost extends Error {
  constructor(holder: string, id: number) {
    super(`number ${id} was given to another Deployment than ${holder} meanwhile`);
    this.name = 'ClaimLost';
  }
}

export function createExternalIds(options: ExternalIdOptions): ExternalIdKeeper {
  const { client, settings, wants, onGroup, onState, log, clock, random } = options;
  const store = createExternalStore({ ...options, onChange: storeChanged });
  const claims = createExternalClaims();
  const served = createServedIds(settings);
  const capacity = idCount(settings);
  const backoff = createBackoff(BACKOFF.base, BACKOFF.cap, random);
  /** Claims that no write has confirmed yet. */
  const pending = new Map<number, string>();
  /** Deployments for which no number was left. */
  const waiting = new Set<string>();
  /** Of the claims: how often they changed, and up to which change they are written down. */
  let changes = 0;
  let written = 0;
  let saving: Promise<void> | undefined;
  let term: AbortController | undefined;
  /** Before it has learned who has what, it knows nothing that it could write down. */
  let hasLearned = false;
  let cancelRetry: () => void = () => undefined;

  const wake = (holder: string): void => onGroup(groupOf(holder));

  function changed(): void {
    changes++;
    onState({ held: claims.held.size, free: Math.max(0, capacity - claims.held.size) });
  }

  function take(holder: string, id: number): void {
    if (!claims.claim(holder, id)) return;
    pending.set(id, holder);
    changed();
  }

  function parse(data: LedgerData): ParsedLedger {
    const parsed = parseLedger(data);
    if (parsed.damaged.length > 0) log.warn({ keys: parsed.damaged.slice(0, 10) }, 'entries of the ledger not read');
    return parsed;
  }

  /** While this process leads, what it knows is what counts: what others did to the ledger is undone. */
  function storeChanged(): void {
    if (!hasLearned || isDeepStrictEqual(store.data(), printLedger(claims))) return;
    parse(store.data());
    changes++;
    saveSoon();
  }

  async function save(): Promise<void> {
    for (let attempt = 1; written < changes;) {
      if (!hasLearned) throw new NotLeading();
      const target = changes;
      const data = printLedger(claims);
      try {
        await store.save(data);
        written = target;
        for (const [id, holder] of pending) if (data[String(id)] === holder) pending.delete(id);
      } catch (error) {
        if (!(isConflict(error) || isNotFound(error)) || attempt++ === ATTEMPTS) throw error;
        merge(parse(await store.load()));
      }
    }
  }

  /** The leader before this one may have written last: what is written down there goes before what is not, here. */
  function merge({ held }: ParsedLedger): void {
    for (const [id, holder] of held) {
      const own = claims.held.get(id);
      if (own === holder) continue;
      const isNew = own === undefined && claims.idsOf(holder).length === 0;
      if (!isNew && (own === undefined || pending.get(id) !== own)) continue;
      if (own !== undefined) {
        claims.release(id);
        wake(own);
      }
      pending.delete(id);
      claims.claim(holder, id);
      changed();
      wake(holder);
    }
  }

  async function recorded(): Promise<void> {
    const target = changes;
    while (written < target) {
      saving ??= save().finally(() => (saving = undefined));
      await saving;
    }
  }

  function saveSoon(): void {
    cancelRetry();
    const current = term;
    recorded().then(
      () => backoff.reset(),
      (error: unknown) => {
        if (term !== current || !hasLearned) return;
        log.warn({ err: error }, 'ledger not written: tried again');
        cancelRetry = clock.after(backoff.next(), saveSoon);
      },
    );
  }

  function follow(): void {
    term?.abort();
    term = undefined;
    hasLearned = false;
    cancelRetry();
  }

  async function load(signal: AbortSignal): Promise<LedgerData | undefined> {
    while (!signal.aborted) {
      try {
        return await store.load();
      } catch (error) {
        log.warn({ err: error }, 'ledger not read: tried again');
        await sleep(clock, backoff.next(), signal);
      }
    }
    return undefined;
  }

  return {
    synced: store.synced,
    start: () => store.start(),
    async stop() {
      follow();
      await store.stop();
    },

    async lead() {
      follow();
      term = new AbortController();
      const { signal } = term;
      const data = await load(signal);
      if (data === undefined || signal.aborted) return false;
      hasLearned = true;
      pending.clear();
      claims.replace(parse(data), (holder, id) => served.of(holder).includes(id));
      // Of two Services with one number, which only hands can make, the first by name keeps it.
      for (const [holder, ids] of [...served.all()].sort(([a], [b]) => (a < b ? -1 : 1))) {
        for (const id of ids) if (!claims.held.has(id)) take(holder, id);
      }
      changed();
      saveSoon();
      return true;
    },
    follow,

    *groups() {
      for (const holder of claims.held.values()) yield groupOf(holder);
    },
    facts: {
      held: claims.held,
      wanted: wants.written,
      idsOf: holder => claims.idsOf(holder),
      remembered: holder => claims.lastOf(holder),
    },
    claim(all) {
      for (const { holder, id } of all) take(holder, id);
    },

    async permit({ group, object }) {
      if (object.kind !== 'Service' || !isExternalName(object.metadata.name)) return;
      const holder = holderOf(group);
      await recorded();
      for (const id of servedIds(settings, object.spec)) {
        if (claims.held.get(id) !== holder) throw new ClaimLost(holder, id);
      }
    },

    async settle(group, { externalClaims, findings, frozen }) {
      if (!group.startsWith('Deployment/')) return;
      const holder = holderOf(group);
      if (findings.some(one => nameOf(one) === 'ExternalIdsExhausted')) waiting.add(holder);
      else waiting.delete(holder);
      if (frozen.includes(group)) return;
      const kept = new Set([...externalClaims.map(({ id }) => id), ...served.of(holder)]);
      const unwanted = claims.idsOf(holder).filter(id => !kept.has(id));
      if (unwanted.length === 0) return;
      const live = await liveIds(client, holder, settings);
      const freed = unwanted.filter(id => !live.includes(id) && claims.held.get(id) === holder);
      if (freed.length === 0) return;
      for (const id of freed) {
        claims.release(id);
        pending.delete(id);
      }
      changed();
      saveSoon();
      for (const other of new Set([...freed.flatMap(id => wants.writersOf(id)), ...waiting])) wake(other);
    },

    serviceChanged(change) {
      const holder = served.changed(change);
      if (holder !== undefined && claims.idsOf(holder).length > 0) wake(holder);
    },
  };
}

function groupOf(holder: string): GroupKey {
  return deploymentGroup(refOf(holder));
}
