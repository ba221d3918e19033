import { CIRCUMSTANCES } from './circumstances.ts';
import type { Story } from './story.ts';
import { SUCCESSIONS } from './successions.ts';

/** One for every row of the table, by the words of its first column. */
export const STORIES: Readonly<Record<string, () => Story>> = { ...SUCCESSIONS, ...CIRCUMSTANCES };
