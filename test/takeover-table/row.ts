import { SHOP } from '../support/takeover-stage.ts';
import type { Story } from './story.ts';

/** What a row of the table says that can be looked up: all but the prose. */
export interface Facts {
  readonly traffic: string;
  readonly members: string;
  readonly next: string;
}

const NOTHING = '–';

/** `web-a-2` is `v2`, `web-b-1` is `b v1`; of another namespace with its name in front. */
function short(name: string, namespace = 'shop'): string {
  const [, model = '', digits = ''] = name.split('-');
  const words = model === 'a' ? `v${digits}` : `${model} v${digits}`;
  return namespace === 'shop' ? words : `${namespace}: ${words}`;
}

/** As it is now. */
export function factsOf(story: Story): Facts {
  const members = story.hosts.get(SHOP)?.status?.members ?? [];
  const traffic = story
    .shares()
    .split(', ')
    .filter(text => text !== '')
    .map(text => text.replace(/^(\S+) (\d+)$/, (_, name: string, percent: string) => `${short(name)} ${percent}%`));
  const next = members.flatMap(({ name, namespace, next: step }) => {
    if (!step) return [];
    const when = step.at === undefined ? '' : ` in ${Math.ceil((Date.parse(step.at) - story.now) / 1000)} s`;
    return `${short(name, namespace)} ${step.step}${when}`;
  });
  return {
    traffic: traffic.join(', ') || NOTHING,
    members:
      members
        .map(({ name, namespace, state, reason }) => `${short(name, namespace)} ${state} (${reason})`)
        .join(', ') || NOTHING,
    next: next.join(', ') || NOTHING,
  };
}
