import { describe, expect, it } from '@jest/globals';
import { two } from '../../test/support/takeover-beginnings.ts';
import { TakeoverStage } from '../../test/support/takeover-stage.ts';

describe('a leader that fails (F-05)', () => {
  it('is rolled back at once when it loses an endpoint within `bake` of the move, and stays back', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    expect(stage.shares()).toBe('web-a-2 100');

    stage.ready('web-a-2', 1);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.ready('web-a-2');
    stage.wait(3_600_000);
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.member('web-a-2')).toMatchObject({ state: 'Waiting', reason: 'RolledBack' });
    expect(stage.events).toContain('RolledBack web-a-2');
    expect(stage.size('web-a-1')).toBe(2);
    expect(stage.size('web-a-2')).toBe(2);
  });

  it('is rolled back also within the second in which gateways follow', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(10_100);
    expect(stage.shares()).toBe('web-a-2 100');

    stage.ready('web-a-2', 0);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.ready('web-a-2');
    stage.wait(3_600_000);
    expect(stage.shares()).toBe('web-a-1 100');
  });

  it('leads again when its Pod template changes', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.ready('web-a-2', 0);
    stage.retemplate('web-a-2', 'img:fixed');
    stage.ready('web-a-2');
    stage.wait(60_000);

    expect(stage.states()).toBe('web-a-2 Active, web-a-1 Retired');
  });

  it('leads again when it is pinned, after its `bake`', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.ready('web-a-2', 0);
    stage.ready('web-a-2');
    stage.pin('web-a-2');
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(10_000);

    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('is not rolled back because fewer Pods are wanted, or more', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.scale('web-a-2', 1);
    expect(stage.shares()).toBe('web-a-2 100');
    stage.scale('web-a-2', 4);

    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('later hands its share to the best that is up, while that lasts', () => {
    const stage = new TakeoverStage({ upgrade: { strategy: 'coexist', bake: 10_000, drain: 10_000 } });
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);
    stage.ready('web-a-2', 0);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(2000);
    expect(stage.member('web-a-2')).toMatchObject({ state: 'Active', reason: 'StandIn' });

    stage.ready('web-a-2');
    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('that its team scales to zero hands its share over at once', () => {
    const stage = new TakeoverStage({ upgrade: { strategy: 'coexist', bake: 10_000, drain: 10_000 } });
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);
    stage.scale('web-a-2', 0);

    expect(stage.shares()).toBe('web-a-1 100');
  });
});

describe('what is frozen', () => {
  it('keeps its lead and its size while it is paused', () => {
    const stage = two();
    stage.annotate('web-a-1', 'waymark.dev/paused', 'true');
    stage.ready('web-a-2');
    stage.wait(60_000);
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.member('web-a-2')).toMatchObject({ state: 'Waiting', reason: 'Frozen' });

    stage.annotate('web-a-1', 'waymark.dev/paused', undefined);
    stage.wait(60_000);
    expect(stage.states()).toBe('web-a-2 Active, web-a-1 Retired');
  });

  it('keeps also a pinned one from the lead, which is said once', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(9000);
    stage.annotate('web-a-1', 'waymark.dev/paused', 'true');
    stage.wait(20_000);
    stage.pin('web-a-2');
    const before = stage.writes.length;
    for (let turn = 0; turn < 10; turn++) stage.wait(1);

    expect(stage.member('web-a-2')).toMatchObject({ state: 'Waiting', reason: 'Frozen' });
    expect(stage.writes.length - before).toBeLessThanOrEqual(1);
  });

  it('is not retired while it is paused', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.annotate('web-a-1', 'waymark.dev/paused', 'true');
    stage.wait(3_600_000);

    expect(stage.size('web-a-1')).toBe(2);
  });
});

describe('an interruption of our own watches', () => {
  it('begins bake and drain anew, for at least 30 s', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(9000);
    stage.interruption = { since: stage.now, until: stage.now + 500 };
    stage.wait(30_000);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(600);
    expect(stage.shares()).toBe('web-a-2 100');

    stage.wait(5000);
    stage.interruption = { since: stage.now, until: stage.now + 500 };
    stage.wait(30_000);
    expect(stage.size('web-a-1')).toBe(2);
    stage.wait(2000);
    expect(stage.size('web-a-1')).toBe(0);
  });

  it('is waited for also by what begins right after it: others may still be away (R-10)', () => {
    const stage = two();
    stage.interruption = { since: stage.now - 500, until: stage.now };
    stage.wait(5000);
    stage.ready('web-a-2');
    stage.wait(24_900);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(200);

    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('changes nothing while it lasts', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(9000);
    stage.interruption = { since: stage.now };
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-a-1 100');
  });
});
