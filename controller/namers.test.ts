import { expect, it } from '@jest/globals';
import { read } from '../shared/read.ts';
import { serviceConfig, settings } from '../test/support/controller-cluster.ts';
import { createNamers } from './namers.ts';

function intentOf(allowed: string) {
  const metadata = { name: 'other', annotations: { 'waymark.dev/allow-traffic-from': allowed } };
  const text = serviceConfig('serving-a-1', 'split: {other/b: 10, c: 10}');
  return read(
    {
      metadata: { name: 'serving-a-1', namespace: 'shop', annotations: { 'waymark.dev/config': text } },
      spec: { selector: {}, template: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } } },
    },
    { settings, namespaces: new Map([['other', { metadata }]]) },
  ).intent;
}

it('names only what it may: no Service of a namespace that does not allow it (S-13)', () => {
  const namers = createNamers();
  namers.ask('shop/serving-a-1', intentOf('shop'));
  expect(namers.of('other/b')).toEqual([{ namespace: 'shop', name: 'serving-a-1', hosts: [] }]);

  expect(namers.ask('shop/serving-a-1', intentOf('nobody'))).toEqual(expect.arrayContaining(['other/b', 'shop/c']));
  expect(namers.of('other/b')).toEqual([]);
  expect(namers.namedBy('shop/serving-a-1')).toEqual(['shop/c']);
});
