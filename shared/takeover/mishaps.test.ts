import { describe, expect, it } from '@jest/globals';
import { SHOP, TakeoverStage } from '../../test/support/takeover-stage.ts';

const COEXIST = ['upgrade: {strategy: coexist}'];

/** One version that leads. */
function one(): TakeoverStage {
  const stage = new TakeoverStage();
  stage.apply('v1');
  stage.ready('web-a-1');
  stage.wait(60_000);
  return stage;
}

function handOver(stage: TakeoverStage, from: string, to: string): void {
  const annotations = { 'waymark.dev/hand-over': `${SHOP}=${to}` };
  stage.namespaces.set(from, { metadata: { name: from, annotations } });
}

describe('a host that is handed over in a circle (S-12)', () => {
  it('stays where it is', () => {
    const stage = one();
    handOver(stage, 'shop', 'team-b');
    handOver(stage, 'team-b', 'shop');
    stage.apply('v1', { namespace: 'team-b', model: 'b' });
    stage.ready('web-b-1', undefined, 'team-b');
    stage.wait(60_000);

    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
    expect(stage.writes).not.toContain('transfer');
  });
});

describe('a Host that is deleted by hand (S-11)', () => {
  it('is claimed again by the namespace that has the routes, though a stranger is older', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { namespace: 'team-b', model: 'b', hosts: ['other.example.com'] });
    stage.ready('web-b-1', undefined, 'team-b');
    stage.wait(60_000);
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(60_000);
    stage.apply('v1', { namespace: 'team-b', model: 'b', hosts: ['other.example.com', SHOP] });
    stage.hosts.delete(SHOP);
    stage.run();
    stage.wait(60_000);

    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
    expect(stage.shares()).toBe('web-a-1 100');
  });
});

describe('a Host of a namespace that is not watched', () => {
  it('is left alone, and its host is refused to those that are (S-11)', () => {
    const stage = new TakeoverStage();
    stage.watched = new Set(['shop']);
    const host = { metadata: { name: SHOP, uid: 'host', generation: 1 }, spec: { namespace: 'team-b' } };
    stage.hosts.set(SHOP, host);
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.hosts.get(SHOP)).toBe(host);
    expect(stage.events).toEqual(['HostTaken web-a-1']);
    expect(stage.writes).toEqual([]);
  });
});

describe('a line that does not get the host', () => {
  it('retires nobody, and promotes nobody', () => {
    const stage = one();
    stage.apply('v1', { model: 'b' });
    stage.ready('web-b-1');
    stage.wait(60_000);
    stage.apply('v2', { model: 'b' });
    stage.ready('web-b-2');
    stage.wait(600_000);

    expect(stage.states()).toBe('web-a-1 Active, web-b-2 Conflicted, web-b-1 Conflicted');
    expect(stage.size('web-b-1')).toBe(2);
    expect(stage.events).not.toContain('Promoted web-b-2');
  });
});

describe('a leader that is deleted and created again while nobody looks', () => {
  it('counts as new: it has to bake', () => {
    const stage = new TakeoverStage();
    for (const version of ['v1', 'v2']) {
      stage.apply(version, { lines: COEXIST });
      stage.ready(`web-a-${version.slice(1)}`);
      stage.wait(60_000);
    }
    const before = stage.deployments.get('shop/web-a-2');
    if (!before) throw new Error('no Deployment');
    stage.deployments.set('shop/web-a-2', { ...before, metadata: { ...before.metadata, uid: 'another' } });
    stage.ready('web-a-2', 1);
    expect(stage.shares()).toBe('web-a-1 100');

    stage.ready('web-a-2');
    stage.wait(9000);
    expect(stage.shares()).toBe('web-a-1 100');
    stage.wait(1000);
    expect(stage.shares()).toBe('web-a-2 100');
  });
});

describe('a text that does not say any more who it is', () => {
  it('leaves its Deployment in its line: nobody takes the traffic of a leader, or is brought back, meanwhile', () => {
    const stage = one();
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);
    const writes = stage.writes.length;
    stage.apply('v3');
    stage.annotate('web-a-2', 'waymark.dev/config', 'apiVersion: [');
    stage.ready('web-a-3', 1);
    stage.wait(600_000);

    expect(stage.states()).toBe('web-a-3 Waiting, web-a-2 Active, web-a-1 Retired');
    expect(stage.shares()).toBe('web-a-2 100');
    expect(new Set(stage.writes.slice(writes))).toEqual(new Set(['status']));

    stage.apply('v2');
    stage.wait(60_000);
    expect(stage.shares()).toBe('web-a-2 100');
  });

  it('leaves its Deployment in its state, also where a whole namespace is switched off', () => {
    const stage = one();
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);
    stage.namespaces.set('shop', { metadata: { name: 'shop', labels: { 'waymark.dev/policy': 'off' } } });
    stage.run();

    expect(stage.states()).toBe('web-a-2 Active, web-a-1 Retired');
  });
});

describe('a Host whose traffic all goes to a plain Service', () => {
  it('is ready while that has an endpoint', () => {
    const stage = new TakeoverStage();
    stage.services.set('shop/plain', { port: 80, selects: true, ready: 1, endpoints: 'a' });
    stage.apply('v1', { lines: ['split: {plain: 100}'] });
    stage.wait(60_000);

    expect(stage.shares()).toBe('plain 100');
    expect(stage.hosts.get(SHOP)?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
  });
});

describe('a split that another namespace does not allow any more (S-13)', () => {
  it('keeps nobody from being retired', () => {
    const stage = new TakeoverStage();
    const hosts = ['other.example.com'];
    const annotations = { 'waymark.dev/allow-traffic-from': 'shop' };
    stage.namespaces.set('team-b', { metadata: { name: 'team-b', annotations } });
    for (const version of ['v1', 'v2']) {
      stage.apply(version, { namespace: 'team-b', model: 'b', hosts });
      if (version === 'v1') stage.apply('v1', { lines: ['split: {team-b/web-b-1: 20}'] });
      stage.ready(`web-b-${version.slice(1)}`, undefined, 'team-b');
      stage.ready('web-a-1');
      stage.wait(60_000);
    }
    expect(stage.states('other.example.com')).toBe('web-b-2 Active, web-b-1 Held');

    stage.namespaces.delete('team-b');
    stage.run();
    stage.wait(60_000);
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.size('web-b-1', 'team-b')).toBe(0);
  });
});

describe('a leader that its team scaled to zero before it was followed', () => {
  it('is not said to keep its size', () => {
    const stage = one();
    stage.scale('web-a-1', 0);
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(60_000);

    expect(stage.member('web-a-1')).toMatchObject({ state: 'Held', reason: 'ScaledToZero' });
    expect(stage.events).not.toContain('Held web-a-1');
  });
});

describe('a member that is paused while another line shares with it', () => {
  it('is still held, and does not have the host', () => {
    const stage = one();
    stage.apply('v2');
    stage.apply('v1', { model: 'b', lines: ['split: {web-a-1: 20}'] });
    stage.ready('web-b-1');
    stage.wait(60_000);
    stage.annotate('web-a-1', 'waymark.dev/paused', 'true');

    expect(stage.shares()).toBe('web-b-1 80, web-a-1 20');
    expect(stage.member('web-a-1')).toMatchObject({ state: 'Held', reason: 'Frozen' });
  });
});
