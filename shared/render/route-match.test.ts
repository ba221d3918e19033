import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchKey } from '../request-match.ts';
import type { NamedMatch, RequestMatch, TextMatch } from '../request-match.ts';
import { readMatch, renderMatch } from './route-match.ts';

const value = fc.constantFrom('a', 'b.*', '(?:x)', '/a/', 'POST');
const text: fc.Arbitrary<TextMatch> = fc.record({ kind: fc.constantFrom('exact', 'regex'), value });
const test: fc.Arbitrary<NamedMatch['test']> = fc.oneof(text, fc.constant({ kind: 'present' as const }));
const named = fc
  .uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', '__proto__', 'constructor', '9', '10'), test }), {
    selector: ({ name }) => name,
  })
  .map(all => all.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
const match: fc.Arbitrary<RequestMatch> = fc
  .record({
    path: fc.record({ kind: fc.constantFrom('prefix', 'exact', 'regex'), value, ignoresCase: fc.boolean() }),
    method: fc.option(text, { nil: undefined }),
    headers: named,
    query: named,
  })
  .map(({ method, ...rest }) => ({ ...rest, ...(method && { method }) }));

it('what is read back of a live route takes what the route took', () => {
  fc.assert(fc.property(match, given => expect(matchKey(readMatch(renderMatch(given)))).toBe(matchKey(given))));
});
