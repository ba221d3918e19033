import { describe, expect, it } from '@jest/globals';
import { waymark } from '../test/support/command-line.ts';

/** Line ends and tabs are the only ones that stand. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, annotations: {waymark.dev/config: 'kind: X'}}
`;

describe('what is said of a file that cannot be read', () => {
  it.each([
    ['an escape for the terminal as a token', `a: b\n@ \u001b[2J: x\n`],
    ['a mark that reorders, behind a block scalar', 'a: |\u2066x\n b\n'],
    ['a name with a line end by escape', deployment('"a\\nb\\e[31m"')],
    ['a name with a mark that reorders', deployment('"a\\u202eb"')],
  ])('S-01: %s never reaches the terminal as it is', async (_, text) => {
    const { status, err } = await waymark(['lint', '-f', '-'], text);

    expect(status).toBe(2);
    expect(err).not.toMatch(UNSEEN);
  });
});
