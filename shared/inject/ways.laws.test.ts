import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applied } from '../../test/support/apply-patch.ts';
import { asStored } from '../../test/support/deployments.ts';
import { decideOn, readingOf, recordOf, requestOf, settings as platform } from '../../test/support/injection-world.ts';
import {
  applyingBy,
  ENTRIES,
  EVERYTHING,
  manifests,
  MIXED,
  PLATFORMS,
  SERVER_SIDE,
} from '../../test/support/random-updates.ts';
import { annotate, applyClientSide, applyServerSide, withEach, withEnv } from '../../test/support/ways-of-applying.ts';
import { APPLIES, EDITS, isNoNamesake, OTHERS, REPLACES, savable } from '../../test/support/ways-of-updating.ts';
import type { Side, Step, Way } from '../../test/support/ways-of-updating.ts';
import { CONFIG } from '../annotation-keys.ts';
import type { Container, Deployment, EnvVar } from '../deployment.ts';
import { isError } from '../findings/finding.ts';
import { sameJson } from '../json.ts';
import type { Settings } from '../settings.ts';
import { INJECTED } from './record.ts';
import { placesOf } from './template.ts';
import { dueVariables } from './variables.ts';

describe('after any sequence of updates, whichever way they come, a Deployment is what its user made of it and the variables that are due', () => {
  it('for texts, containers, variables and webhooks of every kind (W10 W11 W13 W14 W17 R-22 R-23)', () => {
    fc.assert(
      fc.property(manifests(ENTRIES), PLATFORMS, fc.array(EVERYTHING, { maxLength: 10 }), (first, now, later) =>
        follow(first, now, later, applyClientSide),
      ),
      {
        numRuns: 100,
      },
    );
  });

  it.each([
    ['client', ['kubectl apply'] as const, applyClientSide],
    ['server', SERVER_SIDE, byHelm],
  ])('also where he applies at the %s just what Waymark writes (R-23)', (_, ways, create) => {
    const steps = fc.array(applyingBy(ways), { maxLength: 8 });
    fc.assert(
      fc.property(manifests(MIXED), PLATFORMS, steps, (first, now, later) => follow(first, now, later, create)),
      { numRuns: 100 },
    );
  });
});

/** What holds for two platforms: that of now, and one whose every setting is another. */
interface World {
  live: Side;
  twin: Side;
  settings: Settings;
}

function follow(
  first: Deployment,
  { environment, area }: Pick<Settings, 'environment' | 'area'>,
  steps: readonly Step[],
  create: (nothing: Deployment, manifest: Deployment) => Deployment,
): void {
  const settings = platform(environment, area);
  const created = create(withoutOwn(first), first);
  const stored = admitted(created, undefined, settings);
  const world: World = {
    live: { object: stored, saved: savable(stored) },
    twin: { object: created, saved: savable(created) },
    settings,
  };
  checkAgainstTwin(world);

  for (const step of steps) {
    if (step.do === 'the platform') world.settings = platform(step.environment, step.area);
    else if (step.do === 'kubectl get') save(world);
    else takeStep(world, step);
  }
}

function byHelm(nothing: Deployment, manifest: Deployment): Deployment {
  return applyServerSide(nothing, manifest, 'helm');
}

function withoutOwn(object: Deployment): Deployment {
  return withEnv(annotate(object, {}), () => []);
}

function save(world: World): void {
  world.live = { ...world.live, saved: savable(world.live.object) };
  world.twin = { ...world.twin, saved: savable(world.twin.object) };
}

function takeStep(world: World, step: Exclude<Step, { do: 'the platform' | 'kubectl get' }>): void {
  const isOld = step.do.startsWith('kubectl get') || step.do === 'kubectl rollout undo';
  if (isOld && !isToBeAsked(world, step.do)) return;
  const way = wayOf(step);
  const before = world.live.object;
  const other = 'other' in step ? OTHERS[step.other] : OTHERS.nothing;
  const sent = way(world.live);
  const twin = way(world.twin);
  if (placesOf(twin.sent).some(({ container }) => container.env?.some(isInvalid))) return;
  const received = 'first' in step && !step.first ? sent.sent : other(sent.sent);
  const start = { ...world };
  if (isOld && isDenied(received, before, world.settings)) return;

  const object = admitted(received, before, world.settings, other);
  const unchanged =
    isUntouched(world.twin.object, other(twin.sent)) && before.metadata.annotations?.[INJECTED] !== undefined;
  world.live = { ...world.live, object, ...(sent.release && { release: sent.release }) };
  world.twin = { ...world.twin, object: asStored(other(twin.sent)), ...(twin.release && { release: twin.release }) };

  if (unchanged && textOf(object) !== undefined) {
    // Also where the platform's settings are others by now.
    expectSame(object.spec.template, before.spec.template);
    expectSame(recordOf(object), recordOf(before));
  } else if (isUntouched(before, object) && textOf(object) !== undefined) checkHolds(world);
  else checkAgainstTwin(world);
  if (!('other' in step) || step.other === 'nothing') checkAgain(world, way, step);
  // What it took into kubectl's memory is more than its twin did: from here on they would differ by right.
  if (step.do === 'kubectl get, apply' || step.do === 'kubectl get, edit, apply') Object.assign(world, start);
}

/** No API server takes it, with Waymark or without. */
function isInvalid({ value = '', valueFrom }: EnvVar): boolean {
  return value !== '' && valueFrom !== undefined;
}

/** An old state is brought back under the settings that its variables come from, and says by its record what is ours. */
function isToBeAsked({ live, settings }: World, way: string): boolean {
  // A setting's old value is nobody's any more.
  if (!isOfToday(live.saved, settings)) return false;
  // Without its record, or edited, an old manifest is like any other: its variables are those of who wrote it.
  if (way === 'kubectl get, replace without the record' || way === 'kubectl get, edit, apply')
    return isUntouched(live.object, live.saved);
  // A record that is not the stored one is not believed where it says something else than we would.
  const [now, then] = [live.object, live.saved].map(({ metadata }) => metadata.annotations?.[INJECTED]);
  return way === 'kubectl rollout undo' || now === then;
}

function isOfToday(saved: Deployment, settings: Settings): boolean {
  const due = dueIn(saved, settings);
  const record = recordOf(saved);
  return placesOf(saved).every(({ container: { name, env = [] } }) =>
    env.every(entry => record[name]?.includes(entry.name) !== true || due.some(one => sameJson(one, entry))),
  );
}

function wayOf(step: Exclude<Step, { do: 'the platform' | 'kubectl get' }>): Way {
  if ('name' in step) return EDITS[step.do](step.name, step.value);
  return { ...APPLIES, ...REPLACES }[step.do](step.manifest);
}

/** The mutating hook, another webhook before and after it, the mutating hook again, and the validating one. */
function admitted(
  sent: Deployment,
  old: Deployment | undefined,
  settings: Settings,
  other: (object: Deployment) => Deployment = OTHERS.nothing,
): Deployment {
  const current = round(other(round(sent, old, settings)), old, settings);
  const validated = decideOn(requestOf(current, old, settings));
  expectSame(validated.patch, []);
  expect(validated.admitted).toBe(current);
  return current;
}

function round(object: Deployment, old: Deployment | undefined, settings: Settings): Deployment {
  const decision = decideOn(requestOf(asStored(object), old, settings));
  expectSame(decision.findings.filter(isError), []);
  expectSame(applied(asStored(object), decision.patch), decision.admitted);
  return asStored(decision.admitted);
}

function isDenied(sent: Deployment, old: Deployment, settings: Settings): boolean {
  return decideOn(requestOf(asStored(sent), old, settings)).findings.some(({ code }) => code === BOOKKEEPING_CHANGED);
}

const BOOKKEEPING_CHANGED = 'WM202';

/** What the API server would store without Waymark, and in front of it, in the fixed order, what is due and not there. */
function checkAgainstTwin({ live, twin, settings }: World): void {
  const due = dueIn(live.object, settings);
  for (const [index, { container: theirs }] of placesOf(twin.object).entries()) {
    const { env = [], ...rest } = placesOf(live.object)[index]?.container ?? { name: '' };
    const { env: written = [], ...wanted } = theirs;
    // Where the user writes just what is due, it may count as ours for as long as that is so.
    const record = recordOf(live.object)[theirs.name] ?? [];
    const isLent = (entry: EnvVar) => record.includes(entry.name) && due.some(one => sameJson(one, entry));
    const own = written.filter(entry => !isLent(entry));
    const ours = due.filter(({ name }) => !own.some(entry => entry.name === name));
    expectSame(rest, wanted);
    expectSame(env.slice(0, ours.length), ours);
    expectSame(env.slice(ours.length).filter(isNoNamesake), own.filter(isNoNamesake));
    expectSame(sorted(env.slice(ours.length)), sorted(own));
    if (due.length > 0) expectSame(record, ours.map(({ name }) => name).sort());
  }
  expect(placesOf(live.object)).toHaveLength(placesOf(twin.object).length);
  expect(textOf(live.object)).toBe(textOf(twin.object));
  expectSame(withEach(live.object, bare).spec, withEach(twin.object, bare).spec);
  if (due.length === 0) expect(live.object.metadata.annotations).not.toHaveProperty([INJECTED]);
}

/** What the user has written now was there already. */
function checkHolds({ live, twin }: World): void {
  for (const [index, { container: theirs }] of placesOf(twin.object).entries()) {
    const { name = '', env = [] } = placesOf(live.object)[index]?.container ?? {};
    const isOurs = (entry: EnvVar) => recordOf(live.object)[name]?.includes(entry.name) === true;
    const isOwn = (entry: EnvVar) => theirs.env?.some(own => own.name === entry.name) === true;
    expectSame(sorted(env.filter(entry => !isOurs(entry) || isOwn(entry))), sorted(theirs.env ?? []));
  }
}

/** No drift: what was applied is what is there, also to a client that merges by itself, and under other settings. */
function checkAgain({ live }: World, way: Way, step: Step): void {
  if (step.do === 'kubectl patch --type json, which takes the first env out') return;
  const { object } = live;
  if (textOf(object) === undefined) return;
  const again = way(live).sent;
  const isQuoting = step.do === 'kubectl get, edit, apply';
  if (step.do in APPLIES) expectSame(asStored(again).spec, object.spec);
  for (const settings of [platform('prod', ''), platform('test', 'x')]) {
    if (isQuoting && isDenied(again, object, settings)) continue;
    const stored = admitted(again, object, settings);
    expectSame(stored.spec, object.spec);
    expectSame(recordOf(stored), recordOf(object));
  }
}

/** As jest's `toEqual`, which takes twenty times as long to find that all is well. */
function expectSame(a: unknown, b: unknown): void {
  if (!sameJson(a, b)) expect(a).toEqual(b);
}

function isUntouched(before: Deployment, after: Deployment): boolean {
  return textOf(before) === textOf(after) && sameJson(before.spec.template, asStored(after).spec.template);
}

function dueIn(object: Deployment, settings: Settings): readonly EnvVar[] {
  if (textOf(object) === undefined) return [];
  const { intent } = readingOf(object, settings);
  const due = intent ? dueVariables(intent, object) : [];
  return due.map(({ value, ...entry }) => (value ? { ...entry, value } : entry));
}

function textOf(object: Deployment): string | undefined {
  return object.metadata.annotations?.[CONFIG];
}

function sorted(env: readonly EnvVar[]): readonly string[] {
  return env.map(entry => JSON.stringify(entry, ['name', 'value', 'valueFrom', 'fieldRef', 'fieldPath'])).sort();
}

function bare(container: Container): Container {
  return { ...container, env: [] };
}
