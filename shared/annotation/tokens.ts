import { CST, Lexer, Parser } from 'yaml';
import type { Range } from '../source.ts';
import type { Report } from './complaint.ts';

/** Lists and maps in each other, the document itself included. */
const MAX_DEPTH = 8;

/**
 * Marks and words of one annotation: names, colons, blanks, line ends. 64 long documents have some 6 000; far above that
 * somebody wants to keep us busy, since the YAML library needs up to ten microseconds for each.
 */
export const MAX_TOKENS = 16_384;

/** What one text may still use up, over all its documents. */
export interface Budget {
  tokens: number;
}

const REFUSED: Readonly<Record<string, string>> = {
  anchor: 'must hold no anchor',
  alias: 'must hold no alias',
  tag: 'must hold no tag',
  'directive-line': 'must hold no directive',
};

/** More of them in one document tell nobody anything. */
const MAX_FEATURES = 32;

const SCALAR_FOLLOWS = '\u001F';

/**
 * Reads the tokens of one document, token by token, so that nesting and mere amount are stopped before anything large or
 * deep is built. Anchors, aliases, tags and directives are reported on the way. Undefined = the document cannot be read
 * further, and that has been reported.
 */
export function readTokens(text: string, range: Range, budget: Budget, report: Report): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let scalar = false;
  let features = 0;
  for (const lexeme of new Lexer().lex(text.slice(range.start, range.end))) {
    const start = range.start + parser.offset;
    if (!scalar && features < MAX_FEATURES && reportFeature(lexeme, start, report)) features++;
    scalar = lexeme === SCALAR_FOLLOWS;
    tokens.push(...parser.next(lexeme));
    const deep = tooDeep(parser.stack);
    if (deep !== undefined) {
      report({
        name: 'TooDeep',
        at: { start: range.start + deep.offset, end: range.start + deep.offset + 1 },
        must: `must nest at most ${MAX_DEPTH} lists and maps in each other`,
        fix: 'write it flat; no field is deeper',
      });
      return undefined;
    }
    if (--budget.tokens < 0) {
      report({
        name: 'TooLong',
        at: { start, end: start },
        must: `must hold at most ${MAX_TOKENS} words and marks in one annotation`,
        fix: 'write fewer documents, or spread them over several Deployments',
      });
      return undefined;
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

function reportFeature(lexeme: string, start: number, report: Report): boolean {
  const must = REFUSED[CST.tokenType(lexeme) ?? ''];
  if (must === undefined) return false;
  report({
    name: 'YamlFeatureRefused',
    at: { start, end: start + lexeme.length },
    must,
    found: `but has '${lexeme.slice(0, 32)}'`,
    fix: 'write the value itself, in quotes if it begins with a special character',
  });
  return true;
}

function tooDeep(stack: readonly CST.Token[]): CST.Token | undefined {
  if (stack.length <= MAX_DEPTH) return undefined;
  return stack.filter(token => CST.isCollection(token))[MAX_DEPTH];
}
