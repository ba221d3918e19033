import type { Deployment, EnvVar } from '../deployment.ts';
import { appliedManifests } from './applied.ts';
import type { AppliedManifests } from './applied.ts';
import { editEnv, inFront, mended, sameEntry, sharesOf } from './env.ts';
import type { EnvEdit, Shares } from './env.ts';
import { INJECTED, parseRecord, printRecord } from './record.ts';
import type { InjectedRecord } from './record.ts';
import { isComplete, isStored, placesOf, sameTemplate, sharesIn, storedEntries } from './template.ts';
import type { IsOurs, Place, StoredEntries } from './template.ts';
import { isVariableName } from './variables.ts';

/** What becomes of the variables of one Deployment. */
export interface Injection {
  /** The containers whose `env` changes. */
  readonly edits: readonly (Place & EnvEdit)[];
  /** The record to be stored; absent = none. */
  readonly record?: { readonly text: string; readonly value: InjectedRecord };
  /** The user's own variables that have one of our names. */
  readonly kept: readonly { readonly place: Place; readonly index: number }[];
}

export interface InjectionInput {
  readonly object: Deployment;
  /** What is stored now; absent when the object is new. */
  readonly old?: Deployment | undefined;
  /** What the annotation asks for, in order; empty = the variables go. */
  readonly due: readonly EnvVar[];
  /** Whether the texts that `due` comes from are those that are stored. */
  readonly sameText: boolean;
}

/**
 * Decides which entries are ours, and puts ours in front of the user's.
 *
 *   entry in the request      named by the old record                  else
 *   ------------------------  ---------------------------------------  --------------------------------------
 *   missing                   put back                                 added
 *   as it is stored           ours, unless an applied manifest has it  the user's
 *   as it would be computed   ours if the request's record names it    ours if the request's record names it
 *   anything else             the user's, from now on                  the user's
 *
 * The third row is our own output, seen again: a second round of the webhooks, or the validating one.
 */
export function inject(input: InjectionInput): Injection {
  const { object, old, due } = input;
  const oldText = recordText(old);
  const oldRecord = parseRecord(oldText) ?? NO_RECORD;
  const past = pastOf(object, old, oldRecord);
  if (old && oldText !== undefined && isLeftAsStored(input, past)) {
    return putBack(object, old, past, due, { text: oldText, value: oldRecord });
  }
  return compute(object, past, due);
}

const NO_RECORD: InjectedRecord = new Map<string, never>();

function recordText(deployment: Deployment | undefined): string | undefined {
  return deployment?.metadata.annotations?.[INJECTED];
}

/** What is known of an object's entries from what was stored before. */
interface Past {
  readonly record: InjectedRecord;
  readonly stored: StoredEntries;
  /** As it is stored, or as the manifest quotes it now and quoted it then: in either case, nobody changed it. */
  readonly isOurs: IsOurs;
  readonly applied: AppliedManifests;
}

function pastOf(object: Deployment, old: Deployment | undefined, record: InjectedRecord): Past {
  const stored: StoredEntries = old ? storedEntries(old, record) : new Map<string, never>();
  const applied = appliedManifests(object);
  const before = old && appliedManifests(old);
  const isQuoted: IsOurs = (container, entry) =>
    stored.get(container)?.has(entry.name) === true &&
    applied.quotes(container, entry) &&
    before?.quotes(container, entry) === true;
  const isOurs: IsOurs = (container, entry) => isStored(entry, stored.get(container)) || isQuoted(container, entry);
  return { record, stored, isOurs, applied };
}

function isLeftAsStored({ object, old, due, sameText }: InjectionInput, { record, stored, isOurs }: Past): boolean {
  return (
    old !== undefined &&
    due.length > 0 &&
    sameText &&
    isComplete(old, record, stored) &&
    sameTemplate(object, old, isOurs)
  );
}

/**
 * No setting of the platform and no version of Waymark restarts Pods by itself: ours become what they were. Where they
 * stand elsewhere than in front, since the webhook was not asked about an edit, that is left alone, too.
 */
function putBack(
  object: Deployment,
  old: Deployment,
  { isOurs }: Past,
  due: readonly EnvVar[],
  record: NonNullable<Injection['record']>,
): Injection {
  const dueNames = new Set(due.map(({ name }) => name));
  const edits: (Place & EnvEdit)[] = [];
  const kept: Injection['kept'][number][] = [];
  for (const place of placesOf(object)) {
    const shares = sharesIn(place.container, isOurs);
    kept.push(...keptIn(place, shares, dueNames));
    const before = old.spec.template.spec[place.list]?.[place.index];
    const edit = before && editEnv(shares, sharesIn(before, isOurs));
    if (edit && edit.steps.length > 0) edits.push({ ...place, ...edit });
  }
  return { edits, record, kept };
}

/**
 * For a text that does not say what is due: what was written when one last did stays, whichever way the update came.
 * Undefined = nothing was.
 */
export function keepInjected(object: Deployment, old: Deployment): Injection | undefined {
  const stored = storedEntries(old, parseRecord(recordText(old)) ?? NO_RECORD);
  if (stored.size === 0) return undefined;
  const record = new Map<string, ReadonlySet<string>>();
  const edits: (Place & EnvEdit)[] = [];
  for (const place of placesOf(object)) {
    const { name, env = [] } = place.container;
    const entries = stored.get(name);
    if (!entries) continue;
    const shares = sharesOf(env, entry => isStored(entry, entries));
    const taken = new Set(shares.theirs.map(entry => entry.name));
    const wanted = [...entries.values()].filter(entry => !taken.has(entry.name));
    record.set(name, new Set(wanted.map(entry => entry.name)));
    const edit = editEnv(shares, inFront(wanted, withoutOurs(shares.theirs, entries)));
    if (edit.steps.length > 0) edits.push({ ...place, ...edit });
  }
  return { edits, kept: [], record: { text: printRecord(record), value: record } };
}

/** In the fixed order, in front of the user's own. */
function compute(object: Deployment, { stored, isOurs, applied }: Past, due: readonly EnvVar[]): Injection {
  const claim = parseRecord(recordText(object)) ?? NO_RECORD;
  const fresh = new Map(due.map(entry => [entry.name, entry]));
  const record = new Map<string, ReadonlySet<string>>();
  const edits: (Place & EnvEdit)[] = [];
  const kept: Injection['kept'][number][] = [];
  const gone = entriesOfGone(object, stored);
  for (const place of placesOf(object)) {
    const { name, env = [] } = place.container;
    const claimed = claim.get(name);
    const before = stored.get(name);
    const shares = sharesOf(env, entry => {
      if (before ? isOurs(name, entry) : gone.some(entries => isStored(entry, entries))) {
        return !applied.holds(name, entry);
      }
      const computed = fresh.get(entry.name);
      if (isVariableName(entry.name) && applied.isLeftOver(name, entry)) return true;
      return computed !== undefined && claimed?.has(entry.name) === true && sameEntry(entry, computed);
    });
    const own = keptIn(place, shares, fresh);
    const free =
      own.length === 0 ? due : due.filter(entry => !own.some(({ index }) => env[index]?.name === entry.name));
    const wanted = due.length === 0 ? due : [...free, ...unknownOf(before, shares.theirs)];
    kept.push(...own);
    record.set(name, new Set(wanted.map(entry => entry.name)));
    const edit = editEnv(shares, inFront(wanted, withoutOurs(shares.theirs, before)));
    if (edit.steps.length > 0) edits.push({ ...place, ...edit });
  }
  return { edits, kept, ...(due.length > 0 && { record: { text: printRecord(record), value: record } }) };
}

function withoutOurs(theirs: readonly EnvVar[], stored: ReadonlyMap<string, EnvVar> | undefined): readonly EnvVar[] {
  return stored ? theirs.map(entry => mended(entry, stored.get(entry.name))) : theirs;
}

/** What a later version wrote, before it was taken back: it stays as it is stored. */
function unknownOf(stored: ReadonlyMap<string, EnvVar> | undefined, theirs: readonly EnvVar[]): readonly EnvVar[] {
  if (!stored) return [];
  return [...stored.values()].filter(({ name }) => !isVariableName(name) && !theirs.some(entry => entry.name === name));
}

/** What was ours in containers that are no longer there: a new one may be one of them by another name. */
function entriesOfGone(object: Deployment, stored: StoredEntries): readonly ReadonlyMap<string, EnvVar>[] {
  const present = new Set(placesOf(object).map(({ container }) => container.name));
  return [...stored].filter(([name]) => !present.has(name)).map(([, entries]) => entries);
}

function keptIn(place: Place, { namesakes }: Shares, due: { has(name: string): boolean }): Injection['kept'] {
  const { env = [] } = place.container;
  return namesakes.filter(index => due.has(env[index]?.name ?? '')).map(index => ({ place, index }));
}
