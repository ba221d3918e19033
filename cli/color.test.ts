import { describe, expect, it } from '@jest/globals';
import { mayColor } from './color.ts';

describe('colours', () => {
  const cases: Record<string, { env?: Record<string, string>; terminal?: boolean; colored: boolean }> = {
    'are there on a terminal': { colored: true },
    'are not there in a file or pipe': { terminal: false, colored: false },
    'are not there with NO_COLOR': { env: { NO_COLOR: '1' }, colored: false },
    'are there with an empty NO_COLOR, which says nothing': { env: { NO_COLOR: '' }, colored: true },
    'are not there on a dumb terminal': { env: { TERM: 'dumb' }, colored: false },
    'are there on a terminal with a name': { env: { TERM: 'xterm-256color' }, colored: true },
    'are there in a pipe with FORCE_COLOR': { env: { FORCE_COLOR: '1' }, terminal: false, colored: true },
    'are there in a pipe with an empty FORCE_COLOR': { env: { FORCE_COLOR: '' }, terminal: false, colored: true },
    'are there with FORCE_COLOR, also against NO_COLOR and a dumb terminal': {
      env: { FORCE_COLOR: 'true', NO_COLOR: '1', TERM: 'dumb' },
      colored: true,
    },
    'are not there with FORCE_COLOR=0': { env: { FORCE_COLOR: '0' }, colored: false },
    'are not there with FORCE_COLOR=false': { env: { FORCE_COLOR: 'false' }, colored: false },
  };

  it.each(Object.entries(cases))('%s', (_, { env = {}, terminal = true, colored }) => {
    expect(mayColor(env, terminal)).toBe(colored);
  });
});
