import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPLICAS } from '../shared/inject/bookkeeping.ts';
import { MEMBER_STATES } from '../shared/host.ts';
import { factsOf } from './takeover-table/row.ts';
import type { Facts } from './takeover-table/row.ts';
import { STORIES } from './takeover-table/stories.ts';
import type { Story } from './takeover-table/story.ts';
import { SHOP } from './support/takeover-stage.ts';

interface Row extends Facts {
  readonly situation: string;
  readonly happens: string;
}

const PAGE = readFileSync(join(import.meta.dirname, '../docs/reference/takeover-states.md'), 'utf8');

/** All rows of all tables with these five columns, in their order. */
function rowsOf(page: string): readonly Row[] {
  return page
    .split('\n')
    .filter(line => line.startsWith('| '))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    )
    .filter(([first = '']) => first !== 'situation' && !/^-+$/.test(first))
    .map(([situation = '', happens = '', traffic = '', members = '', next = '']) => ({
      situation,
      happens,
      traffic,
      members,
      next,
    }));
}

const ROWS = rowsOf(PAGE);

describe('the table of states', () => {
  it('has a row for every story, and a story for every row', () => {
    expect(ROWS.map(({ situation }) => situation)).toEqual(Object.keys(STORIES));
  });

  it('says in every row what happens', () => {
    expect(ROWS.filter(({ happens }) => happens === '')).toEqual([]);
  });

  it('shows every state', () => {
    const shown = ROWS.map(({ members }) => members).join();

    expect(MEMBER_STATES.filter(state => !shown.includes(` ${state} (`))).toEqual([]);
  });
});

describe('what a Host says when', () => {
  it.each(ROWS.map(row => [row.situation, row] as const))('%s', (situation, { traffic, members, next }) => {
    const story = tell(situation);

    expect(factsOf(story)).toEqual({ traffic, members, next });
  });
});

describe('whatever happens', () => {
  it.each(Object.keys(STORIES))('sizes are as they are told when %s', situation => {
    const story = tell(situation);

    const members = story.hosts.get(SHOP)?.status?.members ?? [];
    for (const { name, namespace, state } of members) {
      const { spec, metadata } = story.deployments.get(`${namespace}/${name}`) ?? {};
      const isRemembered = metadata?.annotations?.[REPLICAS] !== undefined;
      expect({ name, isZero: spec?.replicas === 0 && isRemembered }).toEqual({ name, isZero: state === 'Retired' });
    }
  });

  it.each(Object.keys(STORIES))('a day later nobody writes or even looks when %s', situation => {
    const story = tell(situation);
    story.wait(86_400_000);
    const { writes, looks } = { writes: story.writes.length, looks: story.looks };
    story.wait(86_400_000);

    expect(story.writes.slice(writes)).toEqual([]);
    // The end of the time that is waited is one look.
    expect(story.looks - looks).toBe(1);
  });
});

function tell(situation: string): Story {
  const story = STORIES[situation];
  if (!story) throw new Error(`no story of '${situation}'`);
  return story();
}
