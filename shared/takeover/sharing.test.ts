import { describe, expect, it } from '@jest/globals';
import { two } from '../../test/support/takeover-beginnings.ts';
import { SHOP, TakeoverStage } from '../../test/support/takeover-stage.ts';

describe('split and mirror (F-09, F-17)', () => {
  it('give a target its share while it takes requests, and not longer', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b', hosts: [] });
    stage.apply('v1', { lines: ['split: {web-b-1: 20}', 'mirror: {web-b-1: 50}'] });
    stage.ready('web-a-1');
    expect(stage.shares()).toBe('web-a-1 100');
    expect(stage.events).toContain('TargetNotReady web-a-1');

    stage.ready('web-b-1');
    expect(stage.shares()).toBe('web-a-1 80, web-b-1 20');
    stage.wait(5000);
    expect(stage.hosts.get(SHOP)?.status).toMatchObject({
      active: 'web-a-1',
      split: 'web-b-1 20%',
      mirror: 'web-b-1 50%',
    });
    stage.remove('web-b-1');
    expect(stage.shares()).toBe('web-a-1 100');
  });

  it('give the leader’s share to the targets while nobody of its line is up', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b', hosts: [] });
    stage.ready('web-b-1');
    stage.apply('v1', { model: 'c', hosts: [] });
    stage.ready('web-c-1');
    stage.apply('v1', { lines: ['split: {web-b-1: 20, web-c-1: 10}'] });

    expect(stage.shares()).toBe('web-b-1 67, web-c-1 33');
  });

  it('of the leader count, and hold the version that they name', () => {
    const stage = two();
    stage.apply('v2', { lines: ['split: {web-a-1: 20}'] });
    stage.ready('web-a-2');
    stage.wait(3_600_000);
    expect(stage.shares()).toBe('web-a-2 80, web-a-1 20');
    expect(stage.member('web-a-1').state).toBe('Held');
    expect(stage.size('web-a-1')).toBe(2);

    stage.apply('v2');
    expect(stage.shares()).toBe('web-a-2 100');
    stage.wait(9000);
    expect(stage.size('web-a-1')).toBe(2);
    stage.wait(3000);
    expect(stage.size('web-a-1')).toBe(0);
  });

  it('of another host hold a version as well', () => {
    const stage = two();
    stage.apply('v1', { model: 'z', hosts: ['z.example.com'], lines: ['mirror: {web-a-1: 5}'] });
    stage.ready('web-z-1');
    stage.ready('web-a-2');
    stage.wait(3_600_000);
    expect(stage.member('web-a-1')).toMatchObject({ state: 'Held', reason: 'Named' });

    stage.remove('web-z-1');
    stage.wait(9000);
    expect(stage.size('web-a-1')).toBe(2);
    stage.wait(2000);
    expect(stage.size('web-a-1')).toBe(0);
  });
});

describe('a version that leads elsewhere', () => {
  it('is not retired because another one took one of its hosts', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { hosts: [SHOP, 'second.example.com'] });
    stage.ready('web-a-1');
    stage.wait(5000);
    stage.apply('v2');
    stage.ready('web-a-2');
    stage.wait(3_600_000);

    expect(stage.shares()).toBe('web-a-2 100');
    expect(stage.shares('second.example.com')).toBe('web-a-1 100');
    expect(stage.size('web-a-1')).toBe(2);
  });
});

describe('several lines on one host', () => {
  it('conflict without anything between them: the older keeps it', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b' });
    stage.ready('web-b-1');
    stage.wait(2000);
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-b-1 100');
    expect(stage.member('web-a-1')).toMatchObject({ state: 'Conflicted', reason: 'LineConflict' });
    expect(stage.events).toContain('LineConflict web-a-1');
    expect(stage.size('web-a-1')).toBe(2);
  });

  it('share it by a split: the younger one that names the older takes it over, and retires nobody', () => {
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b' });
    stage.ready('web-b-1');
    stage.wait(2000);
    stage.apply('v1', { lines: ['split: {web-b-1: 50}'] });
    expect(stage.shares()).toBe('web-b-1 100');
    stage.ready('web-a-1');
    stage.wait(9_999);
    expect(stage.shares()).toBe('web-b-1 100');
    expect(stage.member('web-a-1')).toMatchObject({ state: 'Baking', next: { step: 'lead' } });
    stage.wait(1);
    expect(stage.shares()).toBe('web-a-1 50, web-b-1 50');
    stage.wait(3_600_000);

    expect(stage.size('web-b-1')).toBe(2);
    expect(stage.states()).toBe('web-b-1 Held, web-a-1 Active');
  });

  it('share it by paths', () => {
    const mapping = ['apiVersion: waymark.dev/v1', 'kind: Mapping', 'name: extra', 'prefix: /extra/'].join('\n');
    const stage = new TakeoverStage();
    stage.apply('v1', { model: 'b' });
    stage.ready('web-b-1');
    stage.wait(2000);
    stage.apply('v1', { mappings: [mapping] });
    stage.ready('web-a-1');
    stage.wait(60_000);

    expect(stage.shares()).toBe('web-b-1 100');
    expect(stage.events).not.toContain('LineConflict web-a-1');
    expect(JSON.stringify(stage.routes.get(SHOP)?.spec)).toContain('shop/web-a-1/extra');
  });
});

describe('an owner (S-11, S-12)', () => {
  it('keeps the host: a Deployment of another namespace gets no route and is told', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(2000);
    stage.apply('v1', { namespace: 'other' });
    stage.ready('web-a-1', 2, 'other');
    stage.wait(60_000);

    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
    expect(stage.events).toContain('HostTaken web-a-1');
    expect(stage.hosts.get(SHOP)?.status?.members.map(({ namespace, state }) => `${namespace} ${state}`)).toEqual([
      'shop Active',
      'other Conflicted',
    ]);
  });

  it('that an administrator named keeps a host that nobody of its own has asked for yet', () => {
    const stage = new TakeoverStage();
    stage.hosts.set(SHOP, { metadata: { name: SHOP, uid: 'made' }, spec: { namespace: 'team' } });
    stage.apply('v1');
    stage.wait(3_600_000);
    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('team');
    expect(stage.shares()).toBe('');

    stage.apply('v1', { namespace: 'team', model: 'b' });
    expect(stage.shares()).toBe('web-b-1 100');
    stage.wait(5000);
    stage.remove('web-b-1', 'team');
    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
  });

  it('hands it over when both sides say so, as soon as the new one can take the traffic', () => {
    const stage = new TakeoverStage();
    stage.apply('v1');
    stage.ready('web-a-1');
    stage.wait(2000);
    stage.apply('v1', { namespace: 'other', model: 'b' });
    const annotations = { 'waymark.dev/hand-over': `${SHOP}=other` };
    stage.namespaces.set('shop', { metadata: { name: 'shop', annotations } });
    stage.run();
    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('shop');
    stage.ready('web-b-1', 2, 'other');
    stage.wait(5000);

    expect(stage.hosts.get(SHOP)?.spec.namespace).toBe('other');
    expect(stage.shares()).toBe('web-b-1 100');
    expect(stage.size('web-a-1')).toBe(2);
  });
});
