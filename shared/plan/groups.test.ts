import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { catchAllOf, outcome, outside, routesFrom, settled, to } from '../../test/support/asked-routes.ts';
import type { Wish } from '../../test/support/asked-routes.ts';
import { NO_EDITS } from '../intent.ts';
import { candidateOf } from './host-ledger.ts';
import type { Candidate } from './host-ledger.ts';
import { settle } from './groups.ts';
import { destinationsOf } from './route-destinations.ts';
import { membersOf } from './route.ts';
import type { Route } from './route.ts';
import type { Traffic } from './traffic.ts';

/** One Mapping `m` of each Deployment, the oldest first. */
function each(wishes: Readonly<Record<string, Wish>>): readonly Route[] {
  return Object.entries(wishes).flatMap(([name, m]) => routesFrom(`shop/${name}`, { m }));
}

const REGEX = { kind: 'regex' } as const;
const EXACT = { kind: 'exact' } as const;
const HEADER = { name: 'x', test: { kind: 'exact', value: 'a' } } as const;

describe('Mappings that match alike', () => {
  it.each<[string, readonly Route[], readonly string[]]>([
    ['without weight leave the requests to the oldest', each({ a: {}, b: {} }), ['a/m: a 100', 'RouteConflict b/m']],
    ['share them where one has a weight', each({ a: {}, b: { weight: 10 } }), ['a/m+b/m: a 90, b 10']],
    ['share them where the older one has it', each({ a: { weight: 10 }, b: {} }), ['a/m+b/m: a 10, b 90']],
    ['have all of them alone, whatever the weight', each({ a: { weight: 30 } }), ['a/m: a 100']],
    [
      'share what one leaves in equal parts',
      each({ a: { weight: 10 }, b: {}, c: {} }),
      ['a/m+b/m+c/m: a 10, b 45, c 45'],
    ],
    ['send nothing where a canary has all', each({ a: {}, b: { weight: 100 } }), ['a/m+b/m: b 100']],
    [
      'are refused over 100, the newest first',
      each({ a: { weight: 60 }, b: { weight: 60 } }),
      ['a/m: a 100', 'WeightsWrong b/m'],
    ],
    [
      'are refused under 100 where nobody has the rest, the newest first',
      each({ a: { weight: 30 }, b: { weight: 30 } }),
      ['a/m: a 100', 'WeightsWrong b/m'],
    ],
    [
      'are right again with a third',
      each({ a: { weight: 30 }, b: { weight: 30 }, c: { weight: 40 } }),
      ['a/m+b/m+c/m: a 30, b 30, c 40'],
    ],
    [
      'with another method are others',
      each({ a: {}, b: { match: { method: { kind: 'exact', value: 'POST' } } } }),
      ['a/m: a 100', 'b/m: b 100'],
    ],
    [
      'with another header are others',
      each({ a: {}, b: { match: { headers: [HEADER] } } }),
      ['a/m: a 100', 'b/m: b 100'],
    ],
    [
      'with another parameter of the query are others',
      each({ a: {}, b: { match: { query: [HEADER] } } }),
      ['a/m: a 100', 'b/m: b 100'],
    ],
    [
      'by one Deployment share them too',
      routesFrom('shop/a', { x: { weight: 20, destination: to('one') }, y: { destination: to('two') } }),
      ['a/x+a/y: one 20, two 80'],
    ],
    [
      'by one Deployment are named in the order of their names',
      routesFrom('shop/a', { y: { destination: to('two') }, x: { weight: 20, destination: to('one') } }),
      ['a/x+a/y: one 20, two 80'],
    ],
    [
      'may send out of the cluster',
      each({ a: {}, b: { weight: 10, destination: outside('api.example.org') } }),
      ['a/m+b/m: a 90, api.example.org 10'],
    ],
  ])('%s', (_, routes, expected) => {
    expect(outcome(settled(routes))).toEqual(expected);
  });

  it.each<[string, Wish]>([
    ['another path', { rewrite: { kind: 'prefix', value: '/v2/' } }],
    ['a pattern instead', { rewrite: { kind: 'regex', pattern: 'a', substitution: 'b' } }],
    ['no other path', { rewrite: { kind: 'none' } }],
    ['another timeout', { timeout: 1000 }],
    ['retries', { retries: { on: ['5xx'], attempts: 1 } }],
    [
      'other preflights',
      { cors: { origins: ['*'], methods: ['GET'], headers: [], exposedHeaders: [], credentials: false } },
    ],
  ])('cannot be one route with %s: the newer is refused', (_, wish) => {
    const routes = each({ a: {}, b: { weight: 10, ...wish }, c: { weight: 20 } });

    expect(outcome(settled(routes))).toEqual(['a/m+c/m: a 80, c 20', 'GroupMismatch b/m']);
  });

  it('cannot be one route with a redirect', () => {
    const [a, b] = each({ a: {}, b: { weight: 10 } });
    const redirect = { does: 'redirect', at: { start: 0, end: 0 }, host: 'x.example.com', code: 301 } as const;
    const redirected = a?.mapping && { ...a, mapping: { ...a.mapping, action: redirect } };

    const told = outcome(settled([redirected, b].filter(route => route !== undefined)));

    expect(told).toEqual(['a/m: ', 'GroupMismatch b/m']);
  });

  it('may differ in header edits and in what is seen as host', () => {
    const edits = { ...NO_EDITS, add: [{ name: 'x', value: '1' }] };
    const [granted] = settled(
      each({ a: { requestHeaders: edits }, b: { weight: 10, host: { name: 'b.example.com' } } }),
    ).granted;
    const route = granted && 'route' in granted.entry ? granted.entry.route : undefined;

    const actions = route && destinationsOf(route)?.destinations.map(({ mapping }) => mapping?.action);

    expect(actions).toMatchObject([{ requestHeaders: edits }, { host: { name: 'b.example.com' } }]);
  });

  it('of a Deployment that is refused for something else leave the others as if it were not there', () => {
    const routes = each({ a: {}, b: { weight: 10, timeout: 1 }, c: {} });

    expect(outcome(settled(routes))).toEqual(['a/m: a 100', 'GroupMismatch b/m', 'RouteConflict c/m']);
  });
});

describe('a shadow', () => {
  it.each<[string, readonly Route[], readonly string[]]>([
    ['gets copies of all', each({ a: {}, b: { shadow: true } }), ['a/m+b/m: a 100, copies b 100']],
    [
      'gets copies of as many as its weight says',
      each({ a: {}, b: { shadow: true, weight: 10 } }),
      ['a/m+b/m: a 100, copies b 10'],
    ],
    ['that is older gets copies as well', each({ b: { shadow: true }, a: {} }), ['b/m+a/m: a 100, copies b 100']],
    ['alone answers nobody', each({ a: { shadow: true } }), ['ShadowAlone a/m']],
    [
      'is had once',
      each({ a: {}, b: { shadow: true }, c: { shadow: true } }),
      ['a/m+b/m: a 100, copies b 100', 'ShadowRepeated c/m'],
    ],
    [
      'has no part in the weights',
      each({ a: {}, b: { shadow: true, weight: 50 }, c: { weight: 60 } }),
      ['a/m+b/m+c/m: a 40, c 60, copies b 50'],
    ],
    [
      'gets copies as they are rewritten, so that it cannot be rewritten otherwise',
      each({ a: {}, b: { shadow: true, rewrite: { kind: 'none' } } }),
      ['a/m: a 100', 'GroupMismatch b/m'],
    ],
    [
      'may have another timeout, since nobody waits',
      each({ a: {}, b: { shadow: true, timeout: 1 } }),
      ['a/m+b/m: a 100, copies b 100'],
    ],
  ])('%s', (_, routes, expected) => {
    expect(outcome(settled(routes))).toEqual(expected);
  });

  it('of what an InferenceService has by itself is to be written as its mirror', () => {
    const routes = [catchAllOf('shop/a'), ...each({ b: { prefix: '/', shadow: true } })];

    expect(outcome(settled(routes))).toEqual(['a: a 100', 'ShadowAlone b/m']);
  });
});

describe('the same text', () => {
  it.each<[string, Wish, Wish]>([
    ['as prefix and as whole path', {}, { path: EXACT }],
    ['as whole path and as prefix', { path: EXACT }, {}],
    ['as prefix and as pattern', {}, { path: REGEX }],
    ['in one case and in any', {}, { path: { ignoresCase: true } }],
    [
      'of a header as text and as pattern',
      { match: { headers: [HEADER] } },
      { match: { headers: [{ ...HEADER, test: { ...REGEX, value: 'a' } }] } },
    ],
    [
      'of the query as text and as pattern',
      { match: { query: [HEADER] } },
      { match: { query: [{ ...HEADER, test: { ...REGEX, value: 'a' } }] } },
    ],
    [
      'of a method as text and as pattern',
      { match: { method: { kind: 'exact', value: 'GET' } } },
      { match: { method: { kind: 'regex', value: 'GET' } } },
    ],
  ])('%s is refused, as Ambassador does', (_, first, second) => {
    expect(outcome(settled(each({ a: first, b: second })))).toEqual(['a/m: a 100', 'GroupMismatch b/m']);
    expect(outcome(settled(each({ a: first, b: { ...second, weight: 10 } })))).toEqual([
      'a/m: a 100',
      'GroupMismatch b/m',
    ]);
  });

  it('with another precedence is another group of Ambassador, and is not', () => {
    const routes = each({ a: { precedence: 1 }, b: { path: EXACT } });

    expect(outcome(settled(routes))).toEqual(['a/m: a 100', 'b/m: b 100']);
  });
});

describe('another precedence', () => {
  it('is no conflict, and whoever has the lower one is told', () => {
    const routes = each({ a: {}, b: { precedence: 1 } });

    expect(outcome(settled(routes))).toEqual(['b/m: b 100', 'a/m: a 100', 'RouteNeverReached a/m']);
  });

  it('makes another group', () => {
    const routes = each({ a: {}, b: { precedence: 1, weight: 10 }, c: { precedence: 1 } });

    expect(outcome(settled(routes))).toEqual(['b/m+c/m: b 10, c 90', 'a/m: a 100', 'RouteNeverReached a/m']);
  });

  it('of a shadow alone hides nobody', () => {
    const routes = each({ a: {}, b: { precedence: 1, shadow: true } });

    expect(outcome(settled(routes))).toEqual(['a/m: a 100', 'ShadowAlone b/m']);
  });
});

describe('a Mapping without an endpoint', () => {
  const down =
    (...names: string[]) =>
    ({ intent }: Route) =>
      names.includes(intent.object.name) ? ({ lack: 'not-ready', service: 'x' } as const) : undefined;

  it.each<[string, readonly string[], readonly string[]]>([
    ['gets nothing, and is told', ['b'], ['a/m+b/m+c/m: a 60, c 40', 'TargetNotReady b/m']],
    ['leaves what it has to the one without weight', ['c'], ['a/m+b/m+c/m: a 80, b 20', 'TargetNotReady c/m']],
    ['leaves what it has to the others by their weights', ['a'], ['a/m+b/m+c/m: b 33, c 67', 'TargetNotReady a/m']],
    ['has its own while nobody has one', ['a', 'b', 'c'], ['a/m+b/m+c/m: a 40, b 20, c 40']],
  ])('%s', (_, names, expected) => {
    const routes = each({ a: {}, b: { weight: 20 }, c: { weight: 40 } });

    expect(outcome(settled(routes, down(...names)))).toEqual(expected);
  });

  it('that is written to have nothing is not told', () => {
    const routes = each({ a: { weight: 100 }, b: { weight: 0 } });

    expect(outcome(settled(routes, down('b')))).toEqual(['a/m+b/m: a 100']);
  });

  it('alone keeps what it has', () => {
    expect(outcome(settled(each({ a: {} }), down('a')))).toEqual(['a/m: a 100']);
  });
});

describe('a Mapping that goes where the traffic of its host goes', () => {
  const service = (name: string, percent: number) => ({ namespace: 'shop', name, port: 80, percent });
  const led: Traffic = {
    destinations: [service('new', 70), service('old', 30)],
    mirrors: [service('copy', 50)],
    shares: [],
  };

  it('brings split and mirror along, in whole percents', () => {
    const [a, b] = each({ a: {}, b: { weight: 15 } });
    const routes = [a && { ...a, traffic: led }, b].filter(route => route !== undefined);

    expect(outcome(settled(routes))).toEqual(['a/m+b/m: new 60, old 25, b 15, copies copy 42.5']);
  });

  it('copies as shadow what the traffic of its host would get', () => {
    const [a, b] = each({ a: {}, b: { shadow: true, weight: 50 } });
    const routes = [a, b && { ...b, traffic: led }].filter(route => route !== undefined);

    expect(outcome(settled(routes))).toEqual(['a/m+b/m: a 100, copies new 35, old 15']);
  });

  it('copies nothing of what it does not get', () => {
    const [a, b] = each({ a: { weight: 0 }, b: { weight: 100 } });
    const routes = [a && { ...a, traffic: led }, b].filter(route => route !== undefined);

    expect(outcome(settled(routes))).toEqual(['a/m+b/m: b 100']);
  });
});

describe('what lives of a frozen Deployment', () => {
  /** The entry of Mapping `m` of each of these, the first of which is frozen. */
  function living(...names: string[]): Candidate {
    const [route] = each({ [names[0] ?? '']: {} });
    if (!route) throw new Error('no route');
    const { holder, ...candidate } = candidateOf(route);
    const members = names.map(deployment => ({ namespace: 'shop', deployment, route: 'm' }));
    return { ...candidate, holder: { ref: holder.ref }, entry: { live: { name: names.join() } }, members };
  }

  const lives = (candidates: readonly Candidate[]) => {
    const { granted, told } = settle(candidates, () => undefined);
    const texts = granted.flatMap(({ entry }) => ('live' in entry ? [JSON.stringify(entry.live['name'])] : []));
    return [...texts, ...outcome({ granted, told })];
  };

  it.each<[string, (live: (...names: string[]) => Candidate) => readonly Candidate[], readonly string[]]>([
    [
      'lets the others behind the same entry wait, and nobody is told',
      live => [live('a', 'b'), ...each({ b: { weight: 10 } }).map(candidateOf)],
      ['"a,b"'],
    ],
    [
      'lets wait who would share its requests',
      live => [live('a'), ...each({ b: { weight: 10 } }).map(candidateOf)],
      ['"a"'],
    ],
    ['lets wait who comes to several', live => [...each({ b: {} }).map(candidateOf), live('a', 'c')], ['"a,c"']],
    [
      'is older, and keeps its requests from one who would have all',
      live => [live('a'), ...each({ b: {} }).map(candidateOf)],
      ['"a"', 'RouteConflict b/m'],
    ],
    [
      'is newer, and takes nothing from one who has all',
      live => [...each({ b: {} }).map(candidateOf), live('a')],
      ['"a"', 'b/m: b 100'],
    ],
    [
      'stands in nobody\u2019s way who matches otherwise',
      live => [live('a', 'b'), ...each({ b: { prefix: '/b/', weight: 10 } }).map(candidateOf)],
      ['"a,b"', 'b/m: b 100'],
    ],
  ])('%s', (_, candidates, expected) => {
    expect(lives(candidates(living))).toEqual(expected);
  });
});

describe('whoever asks for whatever', () => {
  const wish: fc.Arbitrary<Wish> = fc
    .record({
      prefix: fc.constantFrom('/a/', '/a/', '/b/'),
      path: fc.constantFrom({}, {}, {}, EXACT),
      precedence: fc.constantFrom(0, 0, 0, 1),
      weight: fc.option(fc.constantFrom(0, 10, 30, 40, 60, 100), { nil: undefined }),
      shadow: fc.constantFrom(false, false, false, true),
      timeout: fc.constantFrom(3000, 3000, 3000, 1),
      up: fc.boolean(),
    })
    .map(({ weight, up, ...rest }) => ({
      ...rest,
      ...(weight !== undefined && { weight }),
      destination: to(up ? 'up' : 'down'),
    }));
  const worlds = fc
    .array(fc.array(wish, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    .map(all =>
      all.map((own, at) => routesFrom(`shop/d${at}`, Object.fromEntries(own.map((one, i) => [`m${i}`, one])))),
    );
  const unreadyOf = ({ mapping }: Route) =>
    mapping?.action.does === 'forward' && JSON.stringify(mapping.action.destination).includes('down')
      ? ({ lack: 'not-ready', service: 'down' } as const)
      : undefined;

  it('is granted once, or told why not', () => {
    fc.assert(
      fc.property(worlds, deployments => {
        const routes = deployments.flat();
        const { granted, told } = settled(routes, unreadyOf);
        const served = granted.flatMap(({ entry }) => ('route' in entry ? membersOf(entry.route) : []));
        const refused = told.filter(({ effect }) => effect !== 'none').map(({ route }) => route);

        expect(new Set([...served, ...refused].map(({ mapping }) => mapping)).size).toBe(routes.length);
        expect(served.length + refused.length).toBe(routes.length);
      }),
    );
  });

  it('is sent on in whole percents that add up to 100', () => {
    fc.assert(
      fc.property(worlds, deployments => {
        for (const { entry } of settled(deployments.flat(), unreadyOf).granted) {
          const percents =
            'route' in entry ? (destinationsOf(entry.route)?.destinations ?? []).map(one => one.percent) : [];

          expect(percents.filter(one => !Number.isInteger(one) || one < 1)).toEqual([]);
          expect(percents.reduce((sum, one) => sum + one, 0)).toBe(100);
        }
      }),
    );
  });

  it('changes nothing for older ones where it cannot be let in', () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom('/a/', '/b/'), (deployments, prefix) => {
        const newest = routesFrom('shop/newest', { m: { prefix, timeout: 77, weight: 10 } });
        const before = outcome(settled(deployments.flat(), unreadyOf));
        const after = settled([...deployments.flat(), ...newest], unreadyOf);
        fc.pre(after.told.some(({ route, effect }) => route === newest[0] && effect === 'refused'));

        expect(outcome(after).filter(line => !line.endsWith(' newest/m'))).toEqual(before);
      }),
    );
  });

  it('and in whatever order the documents of a Deployment come, requests go to the same', () => {
    fc.assert(
      fc.property(worlds, deployments => {
        const there = settled(deployments.flat(), unreadyOf);
        fc.pre(there.told.every(({ effect }) => effect === 'none'));
        const back = settled(
          deployments.flatMap(own => own.toReversed()),
          unreadyOf,
        );

        expect(outcome(back).toSorted()).toEqual(outcome(there).toSorted());
      }),
    );
  });
});
