import { describe, expect, it } from '@jest/globals';
import type { ObjectVersion } from '../kube/types.ts';
import { createRouteSightings } from './route-sightings.ts';

const KEY = 'shop/shop.example.com';
const HOST = 'shop.example.com';

function setUp() {
  const shown = new Map<string, ObjectVersion>();
  let now = 1000;
  const sightings = createRouteSightings(
    key => shown.get(key),
    () => now,
  );
  return {
    sightings,
    at: (time: number) => (now = time),
    version: (resourceVersion: string, uid = 'u') => ({ uid, resourceVersion }),
    /** As the informer: first its cache, then the call. */
    show: (resourceVersion: string, key = KEY, uid = 'u') => {
      shown.set(key, { uid, resourceVersion });
      sightings.changed(key, HOST);
    },
  };
}

describe('since when the routes of a host are seen as they stand', () => {
  it('is not known where there are none', () => {
    expect(setUp().sightings.since(HOST)).toBeUndefined();
  });

  it('is when the watch has shown them last', () => {
    const { sightings, show, at } = setUp();
    show('1');
    at(2000);
    show('2');

    expect(sightings.since(HOST)).toBe(2000);
  });

  it('is not known while a write of ours has not come back (R-10)', () => {
    const { sightings, show, version, at } = setUp();
    show('1');
    sightings.wrote(KEY, HOST, version('5'));
    expect(sightings.since(HOST)).toBeUndefined();

    at(3000);
    show('4');
    expect(sightings.since(HOST)).toBeUndefined();
    show('5');
    expect(sightings.since(HOST)).toBe(3000);
  });

  it('is when the watch has shown it, also if that was faster than the answer', () => {
    const { sightings, show, version, at } = setUp();
    show('5');
    at(2000);
    sightings.wrote(KEY, HOST, version('5'));

    expect(sightings.since(HOST)).toBe(1000);
  });

  it('is not known again when they are gone', () => {
    const { sightings, show } = setUp();
    show('1');
    sightings.changed(KEY, undefined);

    expect(sightings.since(HOST)).toBeUndefined();
  });

  it('is the last of both while a host moves from one namespace to another', () => {
    const { sightings, show, version, at } = setUp();
    show('1');
    sightings.wrote('other/shop.example.com', HOST, version('9', 'v'));
    expect(sightings.since(HOST)).toBeUndefined();

    at(2000);
    show('9', 'other/shop.example.com', 'v');
    expect(sightings.since(HOST)).toBe(2000);
    sightings.changed('other/shop.example.com', undefined);
    expect(sightings.since(HOST)).toBe(1000);
  });
});
