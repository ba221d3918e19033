import { describe, expect, it } from '@jest/globals';
import { NO_EDITS } from '../intent.ts';
import type { Forward, HeaderEdits, Mapping } from '../intent.ts';
import type { RouteDestination } from '../plan/route-destinations.ts';
import { underPrefix } from '../request-match.ts';
import { renderDestinations } from './route-destinations.ts';

const NOWHERE = { start: 0, end: 0 };

function mapping(fields: Partial<Forward> = {}): Mapping {
  const action: Forward = {
    does: 'forward',
    destination: { to: 'own' },
    isShadow: false,
    rewrite: { kind: 'none' },
    timeout: 0,
    requestHeaders: NO_EDITS,
    responseHeaders: NO_EDITS,
    ...fields,
  };
  return { at: NOWHERE, name: 'm', match: underPrefix('/'), prefixAt: NOWHERE, precedence: 0, action };
}

function service(name: string, percent: number, by?: Mapping): RouteDestination {
  return { to: { kind: 'service', namespace: 'shop', name, port: 80 }, percent, ...(by && { mapping: by }) };
}

function rendered(destinations: readonly RouteDestination[], mirrors: readonly RouteDestination[] = []): unknown {
  return renderDestinations({ destinations, mirrors }, { clusterDomain: 'cluster.local' });
}

const at = (name: string) => ({ host: `${name}.shop.svc.cluster.local`, port: { number: 80 } });
const adds = (name: string, value: string): HeaderEdits => ({ ...NO_EDITS, add: [{ name, value }] });
const sees = (name: string): Partial<Forward> => ({ host: { name } });

describe('destinations', () => {
  it('of which there is one have no weight', () => {
    expect(rendered([service('a', 100)])).toEqual({ entry: { route: [{ destination: at('a') }] } });
  });

  it('of which there are several have their weights, and mirrors their percentages', () => {
    expect(rendered([service('a', 70), service('b', 30)], [service('c', 5)])).toEqual({
      entry: {
        route: [
          { destination: at('a'), weight: 70 },
          { destination: at('b'), weight: 30 },
        ],
        mirrors: [{ destination: at('c'), percentage: { value: 5 } }],
      },
    });
  });

  it('in another cluster domain are named by it', () => {
    const settings = { clusterDomain: 'k8s.example.com' };

    const { entry } = renderDestinations({ destinations: [service('a', 100)], mirrors: [] }, settings);

    expect(entry).toMatchObject({ route: [{ destination: { host: 'a.shop.svc.k8s.example.com' } }] });
  });

  it('outside the cluster are named as they are', () => {
    const outside: RouteDestination = { to: { kind: 'external', host: 'httpbin.org', port: 443 }, percent: 100 };

    expect(rendered([outside])).toEqual({
      entry: { route: [{ destination: { host: 'httpbin.org', port: { number: 443 } } }] },
    });
  });
});

describe('what is edited on the way', () => {
  it('alike for all destinations is said once', () => {
    const fields = { requestHeaders: adds('x-a', '1'), responseHeaders: adds('y-a', '2'), ...sees('seen.example.com') };

    expect(rendered([service('a', 50, mapping(fields)), service('b', 50, mapping(fields))])).toEqual({
      entry: {
        route: [
          { destination: at('a'), weight: 50 },
          { destination: at('b'), weight: 50 },
        ],
        headers: { request: { add: { 'x-a': '1' } }, response: { add: { 'y-a': '2' } } },
      },
      authority: 'seen.example.com',
    });
  });

  it('stays with its own destination where they differ', () => {
    const a = mapping({ requestHeaders: adds('x-a', '1') });
    const b = mapping({ responseHeaders: adds('y-b', '2') });

    expect(rendered([service('a', 50, a), service('b', 40, b), service('c', 10, mapping())])).toEqual({
      entry: {
        route: [
          { destination: at('a'), weight: 50, headers: { request: { add: { 'x-a': '1' } } } },
          { destination: at('b'), weight: 40, headers: { response: { add: { 'y-b': '2' } } } },
          { destination: at('c'), weight: 10 },
        ],
      },
    });
  });

  it('is said of each as host where they see different ones, and of nobody who sees what the client wrote', () => {
    const seen = [mapping(sees('seen.example.com')), mapping({ host: 'destination' }), mapping()];

    expect(rendered(seen.map((by, index) => service(`s${index}`, 20 + index, by)))).toEqual({
      entry: {
        route: [
          { destination: at('s0'), weight: 20, headers: { request: { set: { Host: 'seen.example.com' } } } },
          {
            destination: at('s1'),
            weight: 21,
            headers: { request: { set: { Host: 's1.shop.svc.cluster.local' } } },
          },
          { destination: at('s2'), weight: 22 },
        ],
      },
    });
  });

  it('is the name of each Service where the traffic of the host is split', () => {
    const by = mapping({ host: 'destination' });

    expect(rendered([service('a', 90, by), service('b', 10, by)])).toEqual({
      entry: {
        route: [
          { destination: at('a'), weight: 90, headers: { request: { set: { Host: 'a.shop.svc.cluster.local' } } } },
          { destination: at('b'), weight: 10, headers: { request: { set: { Host: 'b.shop.svc.cluster.local' } } } },
        ],
      },
    });
  });

  it('joins the host and the headers that are set for one destination', () => {
    const set = { ...NO_EDITS, set: [{ name: 'x-a', value: '1' }] };
    const both = mapping({ requestHeaders: set, ...sees('seen.example.com') });

    expect(rendered([service('a', 50, both), service('b', 50, mapping())])).toEqual({
      entry: {
        route: [
          {
            destination: at('a'),
            weight: 50,
            headers: { request: { set: { 'x-a': '1', Host: 'seen.example.com' } } },
          },
          { destination: at('b'), weight: 50 },
        ],
      },
    });
  });
});
