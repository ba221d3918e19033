import { describe, expect, it } from '@jest/globals';
import { outside, routesFrom, to } from '../../test/support/asked-routes.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { Sender, TargetService, TrafficFacts } from '../cluster-facts.ts';
import type { Destination } from '../intent.ts';
import { PROPAGATION } from '../takeover/outcome.ts';
import type { ExistingObject } from '../snapshot.ts';
import { unreadyIn } from './group-traffic.ts';

const NOW = 1_000_000;
const HOST = 'api.example.org';
const UP: TargetService = { port: 80, selects: true, ready: 1, endpoints: '' };

/** Why a Mapping gets nothing that sends there, and when by time alone it does. */
function why(destination: Destination, facts: Partial<TrafficFacts>, now = NOW): unknown {
  const [route] = routesFrom('shop/a', { m: { destination } });
  if (!route) throw new Error('no route');
  const times: number[] = [];
  const scene = { traffic: { ...NO_FACTS.traffic, ...facts }, settings: { clusterDomain: 'cluster.local' }, now };
  const unready = unreadyIn(scene, time => times.push(time))(route);
  return unready && [unready.lack, ...times];
}

describe('a Mapping to a Service', () => {
  it.each<[string, TargetService | undefined, unknown]>([
    ['is ready with an endpoint', UP, undefined],
    ['is not without one', { ...UP, ready: 0 }, ['not-ready']],
    ['is not without the Service', undefined, ['missing']],
    ['is where the Service selects nothing, of which nobody knows', { ...UP, ready: 0, selects: false }, undefined],
  ])('%s', (_, service, expected) => {
    expect(why(to('b'), { service: () => service })).toEqual(expected);
  });

  it('is ready offline, whatever there is', () => {
    expect(why(to('b'), { service: () => undefined }, 0)).toBeUndefined();
  });
});

describe('a Mapping out of the cluster', () => {
  const entry: ExistingObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: HOST, namespace: 'waymark-system' },
    spec: { hosts: [HOST], ports: [{ number: 443 }] },
  };
  const seen = (since: number) => ({ upstream: () => ({ objects: [entry], since }) });
  const sender: Sender = { namespace: 'shop', deployment: 'a', route: 'm', port: 443 };

  it.each<[string, Partial<TrafficFacts>, unknown]>([
    ['is ready where gateways have known the host for long', seen(NOW - PROPAGATION), undefined],
    ['waits until they may know it', seen(NOW - 1), ['not-known', NOW - 1 + PROPAGATION]],
    ['waits for it to be there', { upstream: () => ({ objects: [], since: 0 }) }, ['not-known']],
    ['does not wait where it sends already', { ...seen(NOW - 1), sendersTo: () => [sender] }, undefined],
    [
      'waits where it did until just now',
      { ...seen(NOW - 1), sendersTo: () => [{ ...sender, until: NOW }] },
      ['not-known', NOW - 1 + PROPAGATION],
    ],
    [
      'waits where another one sends already',
      { ...seen(NOW - 1), sendersTo: () => [{ ...sender, deployment: 'b' }] },
      ['not-known', NOW - 1 + PROPAGATION],
    ],
  ])('%s', (_, facts, expected) => {
    expect(why(outside(HOST), facts)).toEqual(expected);
  });
});
