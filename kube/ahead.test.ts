import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../test/support/fake-clock.ts';
import { createAhead } from './ahead.ts';
import type { KubeObject, ObjectVersion } from './types.ts';

interface Stored extends ObjectVersion {
  readonly value: string;
}

/** `watched` is what the watch has shown so far. */
function setUp() {
  const watched = new Map<string, Stored>();
  const clock = createFakeClock();
  const ahead = createAhead<string>({
    sources: [{ get: (_, name) => watched.get(name)?.value, version: (_, name) => watched.get(name) }],
    project: object => String(object['spec']),
    clock,
  });
  const show = (value: string, resourceVersion: string, uid = 'u') => watched.set('a', { value, resourceVersion, uid });
  const answer = (value: string, resourceVersion: string, uid = 'u'): KubeObject => ({
    metadata: { name: 'a', uid, resourceVersion },
    spec: value,
  });
  return { watched, clock, ahead, show, answer, value: () => ahead.get('', 'a')?.value };
}

describe('what is known of an object', () => {
  it('is what the watch has shown where nothing was written', () => {
    const { show, value, ahead } = setUp();
    expect(value()).toBeUndefined();

    show('x', '1');
    expect(ahead.get('', 'a')).toEqual({ value: 'x', uid: 'u', resourceVersion: '1' });
  });

  it('is what a write of ours was answered until the watch has shown as much', () => {
    const { show, value, ahead, answer } = setUp();
    show('x', '9');
    ahead.wrote(answer('y', '10'));
    expect(ahead.get('', 'a')).toEqual({ value: 'y', uid: 'u', resourceVersion: '10' });

    show('z', '11');
    expect(value()).toBe('z');
  });

  it('is what the watch has shown where that was faster than the answer', () => {
    const { show, value, ahead, answer } = setUp();
    show('z', '11');
    ahead.wrote(answer('y', '10'));

    expect(value()).toBe('z');
  });

  it('is nothing after it was removed, until another one of its name is shown', () => {
    const { show, value, ahead } = setUp();
    show('x', '1');
    ahead.removed('', 'a', { uid: 'u', resourceVersion: '1' });
    expect(value()).toBeUndefined();

    show('y', '5', 'another');
    expect(value()).toBe('y');
  });

  it('is nothing when the watch has shown that it went', () => {
    const { value, ahead, answer } = setUp();
    ahead.wrote(answer('y', '10'));
    ahead.changed({ namespace: '', name: 'a', before: 'x', after: undefined });

    expect(value()).toBeUndefined();
  });

  it('is what the watch says when that lags behind for half a minute', () => {
    const { show, value, ahead, answer, clock } = setUp();
    show('x', '1');
    ahead.wrote(answer('y', '2'));
    clock.advance(30_001);

    expect(value()).toBe('x');
  });
});
