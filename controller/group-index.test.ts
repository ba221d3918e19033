import { describe, expect, it } from '@jest/globals';
import { mapping, resnet, SETTINGS } from '../test/support/readings.ts';
import { read } from '../shared/read.ts';
import { askedBy } from './asked.ts';
import { createGroupIndex } from './group-index.ts';

const OWN = 'shop/tfserving-resnet50-20240501';

/** The groups that are called when a Service changes, after Deployments have asked with these texts. */
function called(service: string, ...texts: readonly string[]): readonly string[] {
  const groups = new Set<string>();
  const options = {
    ingressHost: SETTINGS.ingressHost,
    onGroup: (group: string) => groups.add(group),
    namersOf: () => [],
  };
  const index = createGroupIndex(options);
  texts.forEach((text, at) => {
    const { intent } = read(resnet(text), { settings: SETTINGS, namespaces: new Map() });
    index.ask(at === 0 ? OWN : `shop/other-${at}`, askedBy(intent, [], SETTINGS), true);
  });
  groups.clear();
  index.callService(service);
  return [...groups].sort();
}

const PLAIN = mapping();
const CANARY = mapping('weight: 10', 'service: canary');

describe('a Service that Mappings send to', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['calls the host where one of them has a weight', [CANARY], ['Host/apps.example.com']],
    ['calls no host where none has: its routes stay as they are', [mapping('service: canary')], []],
    [
      'calls the host where another Deployment has a weight',
      [mapping('service: canary'), mapping('weight: 10')],
      ['Host/apps.example.com'],
    ],
    ['calls nobody who sends elsewhere', [mapping('weight: 10', 'service: other')], []],
    ['calls nobody of another host', [PLAIN, mapping('hostname: x.example.com', 'weight: 10')], []],
  ])('%s', (_, texts, expected) => {
    expect(called('shop/canary', ...texts)).toEqual(expected);
  });

  it('is the own one where none is named', () => {
    expect(called(OWN, mapping('weight: 10'))).toEqual(['Host/apps.example.com']);
  });
});
