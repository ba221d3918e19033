import type { ExternalSettings } from '../settings.ts';

/** Ports end at 65535: with the platform's default base, 4552 is the last id all of whose ports there are. */
export const MAX_EXTERNAL_ID = 4552;

/** Ports of one number: 20000 + 10 id + i has room for ten. */
export const MAX_EXTERNAL_PORTS = 10;

/** The first and the last port from outside of a Service with `count` ports. */
export function externalPorts(
  settings: ExternalSettings,
  id: number,
  count: number,
): readonly [first: number, last: number] {
  const base = settings.strategy === 'nodePort' ? settings.nodePortBase : settings.basePort;
  const first = base + MAX_EXTERNAL_PORTS * id;
  return [first, first + Math.max(0, count - 1)];
}

/** Whether all of them are ports that may be had. */
export function isPortRange(settings: ExternalSettings, id: number, count: number): boolean {
  const [first, last] = externalPorts(settings, id, count);
  if (settings.strategy !== 'nodePort') return last <= 65_535;
  return first >= settings.nodePortRange.first && last <= settings.nodePortRange.last;
}

/** How many numbers there are all of whose ports may be had. */
export function idCount(settings: ExternalSettings): number {
  const isNodePort = settings.strategy === 'nodePort';
  const base = isNodePort ? settings.nodePortBase : settings.basePort;
  const { first, last } = isNodePort ? settings.nodePortRange : { first: -Infinity, last: 65_535 };
  const lowest = Math.max(1, Math.ceil((first - base) / MAX_EXTERNAL_PORTS));
  const highest = Math.min(MAX_EXTERNAL_ID, Math.floor((last - base - (MAX_EXTERNAL_PORTS - 1)) / MAX_EXTERNAL_PORTS));
  return Math.max(0, highest - lowest + 1);
}

/** The parts of a live Service that say which numbers it has. */
export interface NumberedService {
  readonly type?: string;
  readonly ports?: readonly { readonly port?: number; readonly nodePort?: number }[];
}

/** The numbers whose ports a live Service has, sorted: one, unless somebody edited it. */
export function servedIds(
  { basePort, nodePortBase }: Pick<ExternalSettings, 'basePort' | 'nodePortBase'>,
  { type, ports = [] }: NumberedService,
): readonly number[] {
  const ids = ports.map(({ port = 0, nodePort = 0 }) =>
    Math.floor((type === 'NodePort' ? nodePort - nodePortBase : port - basePort) / MAX_EXTERNAL_PORTS),
  );
  return [...new Set(ids)].filter(id => id >= 1 && id <= MAX_EXTERNAL_ID).sort((a, b) => a - b);
}
