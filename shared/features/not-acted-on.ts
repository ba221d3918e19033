import type { Located } from '../source.ts';
import type { Scene } from './scene.ts';

/** Fields that are read and checked whole, and have no effect yet. */
export const NOT_ACTED_ON = ['split', 'mirror', 'upgrade'] as const;

/** Says so of one that is written. */
export function reportNotActedOn(
  field: (typeof NOT_ACTED_ON)[number],
  written: Located<unknown> | undefined,
  { report }: Scene,
): void {
  if (written === undefined) return;
  report({
    name: 'NotActedOnYet',
    at: written.at,
    path: field,
    must: 'is checked, but this version of Waymark does not act on it yet',
    found: 'and all requests go where they would go without it',
    fix: 'leave it, or delete it until it is acted on',
  });
}
