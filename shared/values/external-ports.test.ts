import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultSettings } from '../settings-file.ts';
import type { ExternalSettings } from '../settings.ts';
import {
  MAX_EXTERNAL_ID,
  MAX_EXTERNAL_PORTS,
  externalPorts,
  idCount,
  isPortRange,
  servedIds,
} from './external-ports.ts';

const BY_PORT: ExternalSettings = defaultSettings.external;
const BY_NODE_PORT: ExternalSettings = { ...BY_PORT, strategy: 'nodePort' };

describe('the ports of a number', () => {
  it.each<[string, ExternalSettings, number, number, readonly [number, number], boolean]>([
    ['the first one has 20010 and those behind it', BY_PORT, 1, 2, [20_010, 20_011], true],
    ['the last one ends before ports do', BY_PORT, 4552, 10, [65_520, 65_529], true],
    ['one of a higher base may end behind them', { ...BY_PORT, basePort: 20_010 }, 4552, 7, [65_530, 65_536], false],
    ['and is had with fewer ports', { ...BY_PORT, basePort: 20_010 }, 4552, 6, [65_530, 65_535], true],
    ['as node ports they begin at 30010', BY_NODE_PORT, 1, 1, [30_010, 30_010], true],
    ['the last node port may be had', BY_NODE_PORT, 276, 8, [32_760, 32_767], true],
    ['one behind it may not', BY_NODE_PORT, 276, 9, [32_760, 32_768], false],
    [
      'nor one in front of the range',
      { ...BY_NODE_PORT, nodePortRange: { first: 30_020, last: 32_767 } },
      1,
      1,
      [30_010, 30_010],
      false,
    ],
  ])('%s', (_, settings, id, count, ports, isHad) => {
    expect(externalPorts(settings, id, count)).toEqual(ports);
    expect(isPortRange(settings, id, count)).toBe(isHad);
  });

  it('may be had of as many numbers as are counted', () => {
    const bases = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(bases, bases, bases, fc.boolean(), (base, from, to, isNodePort) => {
        const nodePortRange = { first: Math.min(from, to), last: Math.max(from, to) };
        const settings = {
          ...(isNodePort ? BY_NODE_PORT : BY_PORT),
          basePort: base,
          nodePortBase: base,
          nodePortRange,
        };
        const ids = Array.from({ length: MAX_EXTERNAL_ID }, (_, index) => index + 1);

        expect(idCount(settings)).toBe(ids.filter(id => isPortRange(settings, id, MAX_EXTERNAL_PORTS)).length);
      }),
    );
  });

  it('are of no other number, and tell which one it is', () => {
    const numbers = fc.integer({ min: 1, max: 4552 });
    const counts = fc.integer({ min: 1, max: MAX_EXTERNAL_PORTS });
    fc.assert(
      fc.property(numbers, counts, fc.boolean(), (id, count, isNodePort) => {
        const [first, last] = externalPorts(isNodePort ? BY_NODE_PORT : BY_PORT, id, count);
        const ports = Array.from({ length: last - first + 1 }, (_, index) =>
          isNodePort ? { port: 80, nodePort: first + index } : { port: first + index, nodePort: 31_234 },
        );

        expect(servedIds(BY_PORT, { type: isNodePort ? 'NodePort' : 'LoadBalancer', ports })).toEqual([id]);
      }),
    );
  });

  it.each([
    ['no ports', { type: 'ClusterIP' }],
    ['ports in front of the first one', { ports: [{ port: 8501 }, { port: 20_009 }] }],
    ['ports behind the last one', { ports: [{ port: 65_530 }] }],
    ['a node port that is not there yet', { type: 'NodePort', ports: [{ port: 30_010 }] }],
  ])('are of none where a Service has %s', (_, spec) => {
    expect(servedIds(BY_PORT, spec)).toEqual([]);
  });

  it('are of several where somebody edited the Service', () => {
    expect(servedIds(BY_PORT, { ports: [{ port: 20_070 }, { port: 20_010 }] })).toEqual([1, 7]);
  });
});
