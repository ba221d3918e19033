import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SHOP, TakeoverStage } from '../../test/support/takeover-stage.ts';

type Deed = (stage: TakeoverStage) => void;

const VERSIONS = ['1', '2', '3'] as const;
const nameOf = (number: string) => `web-a-${number}`;

/** With the words that a counterexample is told in. */
function deed(words: string, act: Deed): Deed {
  return Object.assign((stage: TakeoverStage) => act(stage), { [fc.toStringMethod]: () => words });
}

/** Something that is done to a version that is there; nothing otherwise. */
function toOne(words: string, act: (stage: TakeoverStage, name: string) => void): fc.Arbitrary<Deed> {
  return fc.constantFrom(...VERSIONS).map(number =>
    deed(`${words} ${number}`, stage => {
      if (stage.deployments.has(`shop/${nameOf(number)}`)) act(stage, nameOf(number));
    }),
  );
}

function applied(words: string, linesOf: (other: string) => readonly string[]): fc.Arbitrary<Deed> {
  return fc.constantFrom(...VERSIONS).map(number => {
    const other = nameOf(VERSIONS[Number(number) % VERSIONS.length] ?? '');
    return deed(`${words} ${number}`, stage => void stage.apply(`v${number}`, { lines: linesOf(other) }));
  });
}

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  applied('apply', () => []),
  applied('apply with a split', other => [`split: {${other}: 20, web-b-1: 10}`]),
  toOne('ready', (stage, name) => stage.ready(name)),
  toOne('one ready of', (stage, name) => stage.ready(name, Math.min(1, stage.size(name)))),
  toOne('none ready of', (stage, name) => stage.ready(name, 0)),
  toOne('pin', (stage, name) => stage.pin(name)),
  toOne('unpin', (stage, name) => stage.pin(name, false)),
  toOne('scale up', (stage, name) => stage.scale(name, 3)),
  toOne('scale to zero', (stage, name) => stage.scale(name, 0)),
  toOne('delete', (stage, name) => stage.remove(name)),
  toOne('another template for', (stage, name) => stage.retemplate(name, 'img:other')),
  toOne('pause', (stage, name) => stage.annotate(name, 'waymark.dev/paused', 'true')),
  toOne('go on with', (stage, name) => stage.annotate(name, 'waymark.dev/paused', undefined)),
  fc.integer({ min: 1, max: 30_000 }).map(time => deed(`wait ${time}`, stage => stage.wait(time))),
  fc.constant(
    deed('lose the watches', stage => {
      stage.interruption = { since: stage.now, until: stage.now + 100 };
    }),
  ),
);

interface Entry {
  readonly route: readonly { readonly destination: { readonly host: string }; readonly weight?: number }[];
}

function entries(stage: TakeoverStage): readonly Entry[] {
  return (stage.routes.get(SHOP)?.spec as { http?: readonly Entry[] } | undefined)?.http ?? [];
}

function servicesServed(stage: TakeoverStage): readonly string[] {
  return entries(stage).flatMap(({ route }) => route.map(({ destination }) => destination.host.split('.')[0] ?? ''));
}

function hasFrozen(stage: TakeoverStage): boolean {
  return [...stage.deployments.values()].some(
    ({ metadata }) => metadata.annotations?.['waymark.dev/paused'] === 'true',
  );
}

/** Endpoints of whatever the live routes lead to. */
function endpoints(stage: TakeoverStage, name: string): number {
  return stage.services.get(`shop/${name}`)?.ready ?? 0;
}

function check(stage: TakeoverStage, before: readonly string[], sizes: ReadonlyMap<string, number>): void {
  for (const { route } of entries(stage)) {
    const weights = route.map(({ weight = 100 }) => weight);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100);
    expect(weights.every(weight => weight > 0 && Number.isInteger(weight))).toBe(true);
  }
  if (!hasFrozen(stage)) {
    const served = servicesServed(stage);
    const up = VERSIONS.map(nameOf).filter(name => endpoints(stage, name) > 0 && stage.size(name) > 0);
    if (up.length > 0) expect(served.filter(name => endpoints(stage, name) === 0 && stage.size(name) >= 0)).toEqual([]);
  }
  for (const write of stage.writes.slice(before.length)) {
    const [step, name = ''] = write.split(' ');
    if (step === 'retire') expect([name, sizes.get(name)]).toEqual([name, expect.any(Number)]);
    if (step === 'retire') expect(servicesServed(stage)).not.toContain(name);
  }
  expect(stage.routes.size).toBeLessThanOrEqual(1);
}

function run(stage: TakeoverStage, all: readonly Deed[]): void {
  for (const deed of all) {
    const before = [...stage.writes];
    const sizes = new Map(VERSIONS.map(number => [nameOf(number), stage.size(nameOf(number))]));
    deed(stage);
    check(stage, before, sizes);
  }
}

function outcomeOf(stage: TakeoverStage): unknown {
  const sizes = VERSIONS.map(number => stage.size(nameOf(number)));
  return { states: stage.states(), shares: stage.shares(), sizes };
}

describe('whatever is done to the versions of a line', () => {
  it('weights add up, nobody without endpoints is sent to while another has some, and nobody who is sent to is retired (R-10, R-12, F-09)', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 40 }), all => {
        run(new TakeoverStage(), all);
      }),
      { numRuns: 1500, seed: 7 },
    );
  });

  it('it comes to rest: a quiet hour after a quiet hour has no write (R-11, R-16)', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 40 }), all => {
        const stage = new TakeoverStage();
        run(stage, all);
        stage.wait(3_600_000);
        const before = stage.writes.length;
        stage.wait(3_600_000);

        expect(stage.writes.slice(before)).toEqual([]);
      }),
      { numRuns: 1000, seed: 8 },
    );
  });

  it('it is not written again and again: what is said does not depend on when one looks (R-11)', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 30 }), all => {
        const stage = new TakeoverStage();
        for (const act of all) {
          act(stage);
          const before = stage.writes.length;
          for (let turn = 0; turn < 30; turn++) stage.wait(1);

          expect(stage.writes.length - before).toBeLessThan(10);
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('a controller that is killed after each of its writes ends in the same state (R-19)', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 30 }), all => {
        const [whole, killed] = [new TakeoverStage(), new TakeoverStage()];
        killed.writesPerTurn = 1;
        for (const stage of [whole, killed]) {
          for (const act of all) act(stage);
          stage.wait(3_600_000);
        }

        expect(outcomeOf(killed)).toEqual(outcomeOf(whole));
      }),
      { numRuns: 1000, seed: 10 },
    );
  });

  it('the newest that is up leads in the end, unless one is pinned, failed or passed over', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 30 }), all => {
        const stage = new TakeoverStage();
        run(stage, all);
        for (const number of VERSIONS) stage.apply(`v${number}`);
        for (const number of VERSIONS) {
          stage.annotate(nameOf(number), 'waymark.dev/paused', undefined);
          stage.pin(nameOf(number), false);
        }
        const last = stage.apply('v9');
        stage.ready(last);
        stage.wait(3_600_000);

        expect(stage.shares()).toBe('web-a-9 100');
        expect(VERSIONS.map(number => stage.size(nameOf(number)))).toEqual([0, 0, 0]);
      }),
      { numRuns: 500, seed: 9 },
    );
  });
});
