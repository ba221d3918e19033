import type { Located } from '../source.ts';
import type { Scene } from './scene.ts';

/** Says of a field that is read and checked that it has no effect yet. */
export function reportNotActedOn(field: string, written: Located<unknown> | undefined, { report }: Scene): void {
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
