import { describe, expect, it } from '@jest/globals';
import { createEndpointBook, projectSlice } from './endpoint-book.ts';
import type { Slice } from './endpoint-book.ts';

function sliceObject(endpoints: unknown, labels: Record<string, string> = { 'kubernetes.io/service-name': 'web' }) {
  return {
    metadata: { name: 'web-x', namespace: 'shop', uid: 'u', generation: 3, labels },
    addressType: 'IPv4',
    endpoints,
  };
}

describe('what is kept of an EndpointSlice', () => {
  it.each<[string, unknown, number]>([
    ['none of no list', null, 0],
    ['those that are ready', [{ conditions: { ready: true } }, { conditions: { ready: false } }], 1],
    ['those that do not say', [{ conditions: {} }, {}, { conditions: { ready: null } }], 3],
    ['not those that terminate', [{ conditions: { ready: false, serving: true, terminating: true } }], 0],
  ])('counts %s', (_, endpoints, ready) => {
    expect(projectSlice(sliceObject(endpoints))).toEqual({
      name: 'web-x',
      service: 'web',
      family: 'IPv4',
      ready,
      state: 'u:3',
    });
  });

  it('is nothing of one that belongs to no Service', () => {
    expect(projectSlice(sliceObject([], {}))).toBeUndefined();
  });
});

describe('the endpoints of a Service', () => {
  /** Named as its state begins. */
  const slice = (ready: number, state: string, family = 'IPv4'): Slice => ({
    name: state.split(':')[0] ?? '',
    service: 'web',
    family,
    ready,
    state,
  });
  const change = (name: string, before: Slice | undefined, after: Slice | undefined) => ({
    namespace: 'shop',
    name,
    before,
    after,
  });

  it('are the sum of its slices, and have another text after each change', () => {
    const called: string[] = [];
    const book = createEndpointBook((namespace, service) => called.push(`${namespace}/${service}`));
    expect(book.of('shop', 'web')).toEqual({ ready: 0, state: '' });

    book.changed(change('b', undefined, slice(1, 'b:1')));
    book.changed(change('a', undefined, slice(2, 'a:1')));
    expect(book.of('shop', 'web')).toEqual({ ready: 3, state: 'a:1,b:1' });

    book.changed(change('b', slice(1, 'b:1'), undefined));
    expect(book.of('shop', 'web')).toEqual({ ready: 2, state: 'a:1' });
    expect(called).toEqual(['shop/web', 'shop/web', 'shop/web']);
  });

  it('count once where a Service has both families', () => {
    const book = createEndpointBook(() => undefined);
    book.changed(change('a', undefined, slice(2, 'a:1')));
    book.changed(change('b', undefined, slice(2, 'b:1', 'IPv6')));

    expect(book.of('shop', 'web').ready).toBe(2);
  });

  it('move with a slice that names another Service', () => {
    const called: string[] = [];
    const book = createEndpointBook((_, service) => called.push(service));
    book.changed(change('a', undefined, slice(2, 'a:1')));
    book.changed(change('a', slice(2, 'a:1'), { ...slice(2, 'a:2'), service: 'cart' }));

    expect(book.of('shop', 'web').ready).toBe(0);
    expect(book.of('shop', 'cart').ready).toBe(2);
    expect(called).toEqual(['web', 'web', 'cart']);
  });
});
