import { describe, expect, it } from '@jest/globals';
import { succeeded, two } from '../../test/support/takeover-beginnings.ts';
import { SHOP, TakeoverStage } from '../../test/support/takeover-stage.ts';

describe('a first version', () => {
  it('has the host at once, ready or not', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');

    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
  });

  it('is written once and then left alone', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(5000);
    const before = stage.writes.length;
    stage.wait(3_600_000);

    expect(stage.writes.slice(before)).toEqual([]);
    expect(stage.member('web-a-1')).toMatchObject({
      state: 'Active',
      ready: true,
      share: { wanted: 100, effective: 100 },
    });
  });
});

describe('a leader that is settled (R-16)', () => {
  it('is written nothing for when it is resized, whatever its Pods do meanwhile', () => {
    const stage = succeeded();
    const before = stage.writes.length;
    stage.scale('web-a-2', 5);
    stage.wait(5000);
    stage.ready('web-a-2');
    stage.wait(5000);
    stage.scale('web-a-2', 2);
    stage.wait(60_000);

    expect(stage.writes.slice(before)).toEqual([]);
  });

  it('is written nothing for when the time is over in which it could be rolled back', () => {
    const stage = new TakeoverStage({ upgrade: { strategy: 'coexist', bake: 10_000, drain: 10_000 } });
    for (const version of ['v1', 'v2']) {
      stage.apply(version);
      stage.ready(`web-a-${version.slice(1)}`);
      stage.wait(5000);
    }
    stage.wait(8000);
    const before = stage.writes.length;
    stage.wait(60_000);
    stage.run();

    expect(stage.writes.slice(before)).toEqual([]);
  });

  it('is written once for when its Pod template changes', () => {
    const stage = succeeded();
    const before = stage.writes.length;
    stage.retemplate('web-a-2', 'img:next', 1);
    stage.wait(5000);
    stage.ready('web-a-2');
    stage.wait(60_000);

    expect(stage.writes.slice(before)).toEqual(['status']);
  });
});

describe('a newer version (F-02, R-09, R-10)', () => {
  it('changes nothing for traffic until it has been ready for `bake`', () => {
    const stage = two();
    stage.wait(60_000);
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.states()).toBe('web-a-2 Waiting, web-a-1 Active');

    stage.ready('web-a-2');
    stage.wait(9_999);
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.member('web-a-2').next?.step).toBe('lead');

    stage.wait(1);
    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('retires the one before it after `bake` and `drain`, with its size remembered', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(10_000 + 10_000);
    expect(stage.size('web-a-1')).toBe(2);
    expect(stage.states()).toBe('web-a-2 Active, web-a-1 Draining');

    stage.wait(2000);
    expect(stage.size('web-a-1')).toBe(0);
    expect(stage.deployments.get('shop/web-a-1')?.metadata.annotations?.['waymark.dev/replicas']).toBe('2');
    expect(stage.states()).toBe('web-a-2 Active, web-a-1 Retired');
    expect(stage.events).toEqual(expect.arrayContaining(['Promoted web-a-2', 'Retired web-a-1']));
  });

  it('costs no more than a handful of writes', () => {
    const stage = two();
    const before = stage.writes.length;
    stage.ready('web-a-2');
    stage.wait(3_600_000);

    expect(stage.writes.slice(before)).toEqual(['status', 'routes', 'status', 'retire web-a-1', 'status']);
  });

  it('begins its `bake` anew when an endpoint was lost, also if nobody saw it', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(9000);
    stage.ready('web-a-2');
    stage.wait(9000);
    expect(stage.shares()).toBe('web-a-1 100');

    stage.ready('web-a-2', 1);
    stage.wait(9000);
    stage.ready('web-a-2');
    stage.wait(9000);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(1000);
    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('does not begin its `bake` anew for an edit of an annotation', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(9000);
    stage.annotate('web-a-2', 'team', 'a');
    stage.wait(1000);

    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('is not led by a number: v10 of the same second is newer than v9', () => {
    const stage = new TakeoverStage();
    stage.apply('v10');
    stage.apply('v9');
    stage.ready('web-a-10');
    stage.ready('web-a-9');
    stage.wait(60_000);

    expect(stage.states()).toBe('web-a-10 Active, web-a-9 Retired');
  });

  it('that never becomes ready changes nothing for ever', () => {
    const stage = two();
    stage.wait(86_400_000);

    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.member('web-a-2')).toMatchObject({ state: 'Waiting', reason: 'NotReady' });
  });

  it('retires nobody with `coexist`', () => {
    const stage = new TakeoverStage({ upgrade: { strategy: 'coexist', bake: 10_000, drain: 10_000 } });
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(3_600_000);

    expect(stage.shares()).toBe('web-a-2 100');
    expect(stage.size('web-a-1')).toBe(2);
    expect(stage.member('web-a-1')).toMatchObject({ state: 'Held', reason: 'Coexist' });
  });

  it('follows at once on the next: of three in a row only the last one stays, and each is retired in the end', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(5000);
    stage.apply('v3');
    stage.ready('web-a-3');
    stage.wait(3_600_000);

    expect(stage.states()).toBe('web-a-3 Active, web-a-2 Retired, web-a-1 Retired');
  });
});

describe('a pin (R-21)', () => {
  it('brings a version that is up back at once', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.pin('web-a-1');

    expect(stage.shares()).toBe('web-a-1 100');
  });

  it('brings a retired one back warm: at its size first, then with the traffic', () => {
    const stage = succeeded();
    stage.pin('web-a-1');
    expect(stage.size('web-a-1')).toBe(2);
    expect(stage.deployments.get('shop/web-a-1')?.metadata.annotations).not.toHaveProperty(['waymark.dev/replicas']);
    expect(stage.shares()).toBe('web-a-2 100');

    stage.ready('web-a-1');
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(60_000);
    expect(stage.states()).toBe('web-a-2 Retired, web-a-1 Active');
    expect(stage.events).toEqual(expect.arrayContaining(['Restored web-a-1', 'Retired web-a-2']));
  });

  it('lasts when it is taken away, until a still newer version comes', () => {
    const stage = succeeded();
    stage.pin('web-a-1');
    stage.ready('web-a-1');
    stage.wait(60_000);
    stage.pin('web-a-1', false);
    stage.wait(3_600_000);
    expect(stage.shares()).toBe('web-a-1 100');

    stage.apply('v3');
    stage.ready('web-a-3');
    stage.wait(60_000);
    expect(stage.states()).toBe('web-a-3 Active, web-a-2 Retired, web-a-1 Retired');
  });

  it('lasts also when it is taken away in the moment of its move', () => {
    const stage = succeeded();
    stage.pin('web-a-1');
    stage.ready('web-a-1');
    stage.pin('web-a-1', false);
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-a-1 100');
  });

  it('keeps newcomers from the traffic while it lasts, and no longer', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.pin('web-a-1');
    stage.wait(10_000);
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);
    expect(stage.member('web-a-2')).toMatchObject({ state: 'Waiting', reason: 'Pinned' });
    expect(stage.size('web-a-2')).toBe(2);

    stage.pin('web-a-1', false);
    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('of a newer one wins over that of an older one, which is told', () => {
    const stage = two();
    stage.pin('web-a-1');
    stage.ready('web-a-2');
    stage.pin('web-a-2');
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-a-2 100');
    expect(stage.events).toContain('SeveralPins web-a-1');
    expect(stage.size('web-a-1')).toBe(2);
  });
});

describe('a leader that is deleted', () => {
  it('is followed at once by the best that is left', () => {
    const stage = two();
    stage.ready('web-a-2');
    stage.wait(12_000);
    stage.remove('web-a-2');

    expect(stage.shares()).toBe('web-a-1 100');
  });

  it('brings a retired one back, if that is all there is', () => {
    const stage = succeeded();
    stage.remove('web-a-2');
    expect(stage.size('web-a-1')).toBe(2);
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.states()).toBe('web-a-1 Active');
  });

  it('frees the host when it was the last member', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');
    stage.remove('web-a-1');

    expect([...stage.hosts.keys(), ...stage.routes.keys()]).toEqual([]);
  });

  it('leaves the host to its namespace for `hostHold`', () => {
    const stage = new TakeoverStage({ hostHold: 60_000 });
    stage.apply('v1');
    stage.remove('web-a-1');
    stage.apply('v1', { namespace: 'other', model: 'b' });
    stage.wait(59_000);
    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
    stage.wait(1000);

    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('other');
    expect(stage.shares()).toBe('web-b-1 100');
  });
});

describe('a retired version', () => {
  it('that somebody scales up is retired again', () => {
    const stage = succeeded();
    stage.scale('web-a-1', 3);
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.size('web-a-1')).toBe(0);
    expect(stage.deployments.get('shop/web-a-1')?.metadata.annotations?.['waymark.dev/replicas']).toBe('3');
  });

  it('that is deleted and created again counts as new', () => {
    const stage = succeeded();
    stage.remove('web-a-1');
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.states()).toBe('web-a-1 Active, web-a-2 Retired');
  });
});
