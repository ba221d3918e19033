import { createDice } from './random.ts';
import type { Dice } from './random.ts';
import type { Fault, Manifest, Operation, Schedule, Setting } from './schedule.ts';

/**
 * Makes up schedules. `settled` ones end alike whatever disturbs them on the way, so that a disturbed run can be
 * compared with an undisturbed one; the others may do anything, and must keep the invariants. In `failing` ones versions
 * fail when they have just begun to lead, and some have paths by Mappings.
 */
export type Manner = 'settled' | 'wild' | 'failing';

const HOSTS = ['shop.example.org', 'models.example.org'];
const SHARED = HOSTS[0] ?? '';
/** Every line has a path there. */
const INGRESS = 'paths.example.org';

/** Seeds in a row with the same operations. */
export const VARIANTS = 6;

/** Milliseconds over which the operations are spread. */
const SPAN = 90_000;
/** When all of them, and all faults until then, have had their effect. */
const SETTLED = 350_000;

export function generate(seed: number, manner: Manner): Schedule {
  // Several in a row differ in what disturbs them alone: they share one undisturbed run.
  const dice = createDice(Math.floor(seed / VARIANTS)).fork(manner);
  const setting = settingOf(dice);
  return {
    seed,
    setting: manner === 'failing' ? { ...setting, ingressHost: dice.pick(['', INGRESS]) } : setting,
    operations: OPERATIONS[manner](dice, setting),
    faults: faultsOf(createDice(seed).fork('faults'), setting.replicas),
  };
}

const OPERATIONS: Readonly<Record<Manner, (dice: Dice, setting: Setting) => readonly Operation[]>> = {
  settled: settledOperations,
  wild: wildOperations,
  failing: failingOperations,
};

/** The same operations, and nothing that disturbs. */
export function undisturbed(schedule: Schedule): Schedule {
  const { seed, setting } = schedule;
  const first = seed - (seed % VARIANTS);
  return { ...schedule, seed: first, setting: { ...setting, replicas: 1, skew: 0, pageSize: 500 }, faults: [] };
}

function settingOf(dice: Dice): Setting {
  return {
    replicas: dice.once(4) ? 2 : 1,
    perSlice: dice.pick([1, 2, 100]),
    pageSize: dice.pick([1, 3, 500]),
    skew: dice.pick([0, 0, -3_600_000, 3_600_000]),
    bake: dice.pick([3000, 5000, 10_000]),
    drain: dice.pick([2000, 5000]),
    ingressHost: '',
  };
}

function manifestOf(line: string, version: number, more: Partial<Manifest> = {}): Manifest {
  const name = `serving-${line}-${version}`;
  return { namespace: 'shop', name, hosts: [SHARED], lines: [], replicas: 2, image: 'web:1', ...more };
}

function times(dice: Dice, count: number): readonly number[] {
  return Array.from({ length: count }, () => 1000 + dice.below(SPAN)).sort((a, b) => a - b);
}

/** A second line that shares the host by being a target of the first one's split or mirror. */
function sharesOf(dice: Dice): readonly string[] {
  const percent = dice.pick([1, 20, 50, 100]);
  return dice.pick([[], [], [`split: {serving-b-1: ${percent}}`], [`mirror: {serving-b-1: ${percent}}`]]);
}

function scalingOf(dice: Dice): readonly string[] {
  return dice.once(3) ? ['replicas: {min: 2, max: 5}', 'metrics: cpu:50%'] : [];
}

/**
 * Versions of one line that are ready some time after they come, and never later get unready; edits; deletions. Whoever
 * comes last leads in the end, whatever was seen of it on the way.
 */
function settledOperations(dice: Dice): readonly Operation[] {
  const operations: Operation[] = [];
  const shares = sharesOf(dice);
  const scaling = scalingOf(dice);
  const versions = 1 + dice.below(4);
  if (shares.length > 0) {
    const manifest = manifestOf('b', 1, { hosts: [] });
    operations.push({ at: 500, do: 'apply', manifest, startup: 500 + dice.below(2000) });
  }
  times(dice, versions).forEach((at, index) => {
    const manifest = manifestOf('a', index + 1, {
      lines: [...scaling, ...shares],
      // Within what its autoscaler allows: whether that has run before a retirement must not matter.
      replicas: scaling.length > 0 ? 2 : 1 + dice.below(3),
      hosts: dice.once(4) ? HOSTS : [SHARED],
    });
    const startup = 300 + dice.below(8000);
    operations.push({ at, do: 'apply', manifest, startup });
    // A loop that applies what is in a repository, over and over.
    if (dice.once(5)) {
      for (let again = at + 5000; again < SPAN * 1.5; again += 7000 + dice.below(9000)) {
        operations.push({ at: again, do: 'apply', manifest, startup });
      }
    }
  });
  if (dice.once(6)) operations.push({ at: SPAN / 2, do: 'meddle', host: SHARED });
  if (versions > 1) {
    const last: Operation = { at: SETTLED, do: 'delete', namespace: 'shop', name: `serving-a-${versions}` };
    const pinned: Operation = { at: SETTLED, ...pin('serving-a-1', 'true') };
    // Of three, who is next depends on who had the time to prove himself.
    const end = dice.pick([undefined, versions === 2 ? last : pinned, pinned]);
    if (end !== undefined) operations.push(end);
  }
  return operations.sort((a, b) => a.at - b.at);
}

type Pin = Omit<Extract<Operation, { do: 'annotate' }>, 'at'>;

function pin(name: string, value: string | null): Pin {
  return { do: 'annotate', namespace: 'shop', name, key: 'waymark.dev/active', value };
}

function wildOperations(dice: Dice, { bake }: Setting): readonly Operation[] {
  const operations: Operation[] = [];
  const manifests: Manifest[] = [];
  for (const at of times(dice, 3 + dice.below(8))) {
    const known = manifests.length === 0 || dice.once(3) ? undefined : dice.pick(manifests);
    if (known === undefined) {
      const manifest = wildManifest(dice, manifests.length + 1);
      manifests.push(manifest);
      const startup = dice.once(6) ? null : dice.below(10_000);
      operations.push({ at, do: 'apply', manifest, startup });
      // Around the moment at which it is to lead, and for as long as it can be rolled back.
      const failsAt = at + (startup ?? 0) + dice.below(3 * bake);
      const { namespace, name } = manifest;
      const failure = { namespace, name, count: dice.pick([1, 9]), for: dice.pick([0, 300, 2000, 30_000]) };
      if (startup !== null && dice.once(2)) operations.push({ at: failsAt, do: 'upset', ...failure });
    } else operations.push({ at, ...wildChange(dice, known) });
  }
  return operations.sort((a, b) => a.at - b.at);
}

function wildManifest(dice: Dice, count: number): Manifest {
  const line = dice.once(8) ? 'b' : 'a';
  return manifestOf(line, count, {
    namespace: dice.once(12) ? 'other' : 'shop',
    hosts: dice.pick([[SHARED], [SHARED], [SHARED], HOSTS, []]),
    lines: [...scalingOf(dice), ...sharesOf(dice), ...(dice.once(6) ? ['upgrade: {strategy: coexist}'] : [])],
    replicas: 1 + dice.below(4),
  });
}

/** One version after the other; those after the first fail soon after they have got the traffic, or just before. */
function failingOperations(dice: Dice, { bake }: Setting): readonly Operation[] {
  const operations: Operation[] = [];
  const shares = sharesOf(dice);
  if (shares.length > 0) {
    operations.push({ at: 500, do: 'apply', manifest: manifestOf('b', 1, { hosts: [] }), startup: 1000 });
  }
  let at = 1000;
  for (let version = 1; version <= 2 + dice.below(3); version++) {
    const lines = [...(version === 1 ? scalingOf(dice) : []), ...shares, ...mappingOf(dice, version)];
    const manifest = manifestOf('a', version, { lines, replicas: 1 + dice.below(3) });
    const startup = 300 + dice.below(3000);
    operations.push({ at, do: 'apply', manifest, startup });
    const leadsAt = at + startup + bake + 1000;
    const { namespace, name } = manifest;
    if (version > 1 && !dice.once(4)) {
      const failsAt = leadsAt - 500 + dice.below(bake + 1000);
      const lasts = dice.pick([0, 300, 5000, 30_000]);
      operations.push({ at: failsAt, do: 'upset', namespace, name, count: dice.pick([1, 9, 9]), for: lasts });
      // Somebody mends it, or tells that it is to lead all the same.
      const mended = { ...manifest, image: 'web:2' };
      const answers: readonly (readonly Change[])[] = [
        [],
        [{ do: 'apply', manifest: mended, startup: 1000 }],
        [pin(name, 'true')],
      ];
      for (const answer of dice.pick(answers)) operations.push({ at: failsAt + 8000, ...answer });
    }
    at = leadsAt + dice.below(3 * bake);
  }
  return operations.sort((a, b) => a.at - b.at);
}

/** A path of their host, by a Mapping that names it or does not: who leads has it, as he has the rest. */
function mappingOf(dice: Dice, version: number): readonly string[] {
  if (dice.once(3)) return [];
  const host = dice.pick([[], [`host: ${SHARED}`]]);
  return ['---', 'apiVersion: getambassador.io/v2', 'kind: Mapping', `name: a-${version}`, 'prefix: /a/', ...host];
}

type Change = Operation extends infer One ? (One extends Operation ? Omit<One, 'at'> : never) : never;

function wildChange(dice: Dice, manifest: Manifest): Change {
  const { namespace, name } = manifest;
  const changes: readonly (() => Change)[] = [
    () => ({ do: 'delete', namespace, name }),
    () => ({ do: 'annotate', namespace, name, key: 'waymark.dev/active', value: dice.once(3) ? null : 'true' }),
    () => ({ do: 'annotate', namespace, name, key: 'waymark.dev/paused', value: dice.once(2) ? null : 'true' }),
    () => ({ do: 'scale', namespace, name, replicas: dice.below(4) }),
    () => ({ do: 'load', namespace, name, pods: 1 + dice.below(6) }),
    () => ({ do: 'upset', namespace, name, count: 1 + dice.below(3), for: dice.pick([0, 500, 3000, 20_000]) }),
    () => ({ do: 'upset', namespace, name, count: 9, for: dice.pick([500, 3000, 20_000]) }),
    () => ({ do: 'hand-over', from: 'shop', host: SHARED, to: 'other' }),
    () => ({ do: 'meddle', host: SHARED }),
    () => ({ do: 'apply', manifest: { ...manifest, image: `web:${dice.below(3)}` }, startup: dice.below(5000) }),
    () => ({ do: 'apply', manifest: { ...manifest, lines: sharesOf(dice) }, startup: dice.below(5000) }),
    () => ({ do: 'apply', manifest, startup: 1000 }),
  ];
  return dice.pick(changes)();
}

/** Most schedules have a few; some have none, so that the two ends of the comparison also differ in delays alone. */
function faultsOf(dice: Dice, replicas: number): readonly Fault[] {
  const early = times(dice, dice.below(6)).map(at => Math.round(at * 1.4));
  const late = times(dice, dice.below(3)).map(at => SETTLED - 5000 + Math.round(at / 2));
  return [...early, ...late].map(at => faultOf(dice, at, dice.below(replicas)));
}

function faultOf(dice: Dice, at: number, process: number): Fault {
  const cuts = dice.once(2);
  const faults: readonly (() => Fault)[] = [
    () => ({ at, fault: 'outage', for: 500 + dice.below(25_000), hangs: dice.once(2) }),
    () => ({ at, fault: 'partition', for: 1000 + dice.below(30_000), process }),
    () => ({
      at,
      fault: 'refusals',
      for: 1000 + dice.below(30_000),
      once: 1 + dice.below(4),
      code: dice.pick([429, 500, 503]),
    }),
    () => ({ at, fault: 'unanswered', for: 1000 + dice.below(20_000), once: 1 + dice.below(4) }),
    () => ({
      at,
      fault: 'late',
      for: 1000 + dice.below(20_000),
      once: 1 + dice.below(4),
      by: 1000 + dice.below(20_000),
    }),
    () => ({ at, fault: 'slow', for: 1000 + dice.below(20_000), factor: dice.pick([10, 100]) }),
    () => ({ at, fault: 'lag', for: 1000 + dice.below(20_000), by: dice.below(5000) }),
    () => ({ at, fault: 'watches', how: dice.pick(['break', 'end', 'stall']) }),
    () => ({ at, fault: 'compaction' }),
    () => ({ at, fault: 'kill', for: dice.below(20_000), process, cuts }),
    () => ({ at, fault: 'kill-at-write', for: dice.below(15_000), process, writes: 1 + dice.below(8), cuts }),
    () => ({ at, fault: 'kill-at-write', for: dice.below(15_000), process, writes: 1 + dice.below(3), cuts }),
    () => ({ at, fault: 'freeze', for: 500 + dice.below(30_000), process }),
    () => ({ at, fault: 'stop', for: 1000 + dice.below(10_000), process }),
  ];
  return dice.pick(faults)();
}
