import type { Statement } from '../compilation.ts';
import type { MemberScene } from './member-state.ts';
import { rememberedSize } from './retirement.ts';
import type { Told } from './status.ts';

type Said = Omit<Statement, 'object'>;

/** What holds of the members, for Events. Texts stay the same as long as it holds, so that each is told once. */
export function statementsOf(
  host: string,
  told: readonly Told[],
  { isProgrammed, now }: { readonly isProgrammed: boolean; readonly now: number },
): readonly Statement[] {
  return told.flatMap(one => {
    const { version } = one.scene;
    if (version.isFrozen) return [];
    return [
      isProgrammed ? promoted(host, one.scene, now) : undefined,
      retired(host, one, now),
      held(host, one),
      restored(one),
      rolledBack(host, one),
      pins(host, one),
    ]
      .flatMap(said => said ?? [])
      .map(said => ({ object: version.member.ref, ...said }));
  });
}

/** What has happened is news for so long: whoever starts later need not look whether it was told. */
const NEWS = 600_000;

function promoted(host: string, { version, plan }: MemberScene, now: number): Said | undefined {
  const { leader, over, ledSince } = plan.leadership;
  if (leader !== version || over === undefined || now > ledSince + NEWS) return undefined;
  // One that has no route, because another line has the host, leads nothing.
  if (plan.line.live !== version) return undefined;
  return { type: 'Normal', reason: 'Promoted', message: `leads '${host}': gateways have the routes` };
}

function retired(host: string, { scene: { version }, described }: Told, now: number): Said | undefined {
  const { before } = version;
  const since = before?.state === 'Retired' ? Date.parse(before.since) : now;
  if (described.state !== 'Retired' || now > since + NEWS) return undefined;
  const size = rememberedSize(version);
  return {
    type: 'Normal',
    reason: 'Retired',
    message: `scaled to zero: another version leads '${host}'; ${size} is remembered`,
  };
}

function held(host: string, { scene: { fate }, described }: Told): Said | undefined {
  if (described.state !== 'Held' || !fate.isLeaving || fate.keptBy === undefined) return undefined;
  return {
    type: 'Normal',
    reason: 'Held',
    message: `keeps its size though another version leads '${host}': ${fate.keptBy}`,
  };
}

function restored({ scene: { version } }: Told): Said | undefined {
  if (version.before?.reason !== 'Restoring' || version.readiness.desired === 0) return undefined;
  return { type: 'Normal', reason: 'Restored', message: `scaled up to ${version.readiness.desired} again` };
}

function rolledBack(host: string, { described }: Told): Said | undefined {
  if (described.reason !== 'RolledBack' || described.state !== 'Waiting') return undefined;
  return {
    type: 'Warning',
    reason: 'RolledBack',
    message: `lost endpoints right after it took over '${host}': the version before it leads again`,
  };
}

function pins(host: string, { described }: Told): Said | undefined {
  if (described.reason !== 'SeveralPins') return undefined;
  return {
    type: 'Warning',
    reason: 'SeveralPins',
    message: `is pinned on '${host}', and so is a newer version, which leads`,
  };
}
