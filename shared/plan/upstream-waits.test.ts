import { describe, expect, it } from '@jest/globals';
import { mappingTo, upstreamMember, upstreamSnapshot } from '../../test/support/upstream-stage.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { TrafficFacts } from '../cluster-facts.ts';
import type { Mapping } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import { renderUpstreamGroup } from '../render/group.ts';
import { renderRoute } from '../render/route.ts';
import { defaultSettings } from '../settings-file.ts';
import type { ExistingObject } from '../snapshot.ts';
import type { Route } from './route.ts';
import { planUpstreams } from './upstreams.ts';
import { holdBack } from './upstream-waits.ts';
import type { Held } from './upstream-waits.ts';

const NOW = 100_000;
const API = 'api.example.com:80';

interface Seen {
  /** What our watches have shown was made of this Mapping. */
  readonly of?: Mapping;
  readonly since?: number;
  readonly lives?: readonly JsonObject[];
  readonly isUnknown?: boolean;
}

const place = { host: 'shop.example.com', named: true, at: { start: 0, end: 0 }, path: '' };

function routeOf(mapping: Mapping, path = 'shop/web'): Route {
  const { intent } = upstreamMember(path, { mappings: [mapping] });
  if (!intent) throw new Error('it is frozen');
  return { intent, place, mapping };
}

function entryOf(mapping: Mapping): JsonObject {
  return renderRoute(routeOf(mapping), defaultSettings);
}

function held(mapping: Mapping, { of, since = 0, lives, isUnknown = false }: Seen): Held {
  const made = of ? [upstreamMember('shop/web', { mappings: [of] })] : [];
  const { upstreams } = planUpstreams(made, upstreamSnapshot());
  const objects = upstreams.flatMap(one => renderUpstreamGroup(one, defaultSettings));
  const traffic: TrafficFacts = {
    ...NO_FACTS.traffic,
    upstream: () => (isUnknown ? undefined : { objects, since }),
  };
  const live = lives && ({ kind: 'VirtualService', spec: { http: lives } } as unknown as ExistingObject);
  const route = routeOf(mapping);
  return holdBack([{ entry: entryOf(mapping), route }], live, { traffic, settings: defaultSettings, now: NOW });
}

const outside = mappingTo(API);
const inside = mappingTo('web.shop:80');
const slowly = mappingTo('web.shop:80', { connections: { at: { start: 0, end: 0 }, connectTimeout: 1000 } });
const encrypted = (address: string) =>
  mappingTo(address, { connections: { at: { start: 0, end: 0 }, tls: { verifies: true } } });
const other = { ...entryOf(inside), name: 'other/web/m' };
const shared = { ...entryOf(inside), name: 'shop/older/n+shop/web/m' };

describe('a route', () => {
  it.each<[string, Mapping, Seen, readonly JsonObject[]]>([
    ['to a Service never waits', inside, {}, [entryOf(inside)]],
    ['to a Service waits for no wish about its connections', slowly, {}, [entryOf(slowly)]],
    ['never waits where nothing is known of the cluster', outside, { isUnknown: true }, [entryOf(outside)]],
    ['to a place that gateways do not know is not there yet', outside, {}, []],
    ['to a place that was seen just now is not there yet', outside, { of: outside, since: NOW - 999 }, []],
    ['comes a second after its place was seen', outside, { of: outside, since: NOW - 1000 }, [entryOf(outside)]],
    ['waits for its very port', outside, { of: mappingTo('api.example.com:81') }, []],
    ['waits for encryption that it asks for', encrypted(API), { of: outside }, []],
    ['to a Service waits for encryption that it asks for', encrypted('web.shop:443'), {}, []],
    ['does not go in the clear where others encrypt', outside, { of: encrypted(API) }, []],
    [
      'that lives stays as it lives until its new place is known',
      outside,
      { lives: [entryOf(inside)] },
      [entryOf(inside)],
    ],
    ['that sends there already never waits', outside, { lives: [entryOf(outside)] }, [entryOf(outside)]],
    ['waits though others of its name send elsewhere', outside, { lives: [other] }, []],
    ['that shares its requests stays as it is shared', outside, { lives: [other, shared] }, [shared]],
  ])('%s', (_, mapping, seen, expected) => {
    expect(held(mapping, seen).http).toEqual(expected);
  });

  it('is looked at again when its place will have been known for a second', () => {
    expect(held(outside, { of: outside, since: NOW - 400 }).wakeAt).toBe(NOW + 600);
    expect(held(outside, {}).wakeAt).toBeUndefined();
    expect(held(outside, { of: outside }).wakeAt).toBeUndefined();
  });

  it('is left out alone: the others are built, and what lives for two is kept once', () => {
    const again = mappingTo(API, {}, 'n');
    const routes = [routeOf(outside), routeOf(again, 'shop/older'), routeOf(inside)];
    const http = routes.map(route => ({ entry: renderRoute(route, defaultSettings), route }));
    const traffic = { ...NO_FACTS.traffic, upstream: () => ({ objects: [], since: 0 }) };
    const live = { kind: 'VirtualService', spec: { http: [shared] } } as unknown as ExistingObject;

    const { http: rest } = holdBack(http, live, { traffic, settings: defaultSettings, now: NOW });

    expect(rest).toEqual([shared, entryOf(inside)]);
  });
});
