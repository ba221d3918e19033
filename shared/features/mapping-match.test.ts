import { describe, expect, it } from '@jest/globals';
import { eachText, mapping, readText } from '../../test/support/readings.ts';

const inV2 = (text: string) => text.replace('getambassador.io/v3alpha1', 'getambassador.io/v2');
const inOwn = (text: string) => text.replace('getambassador.io/v3alpha1', 'waymark.dev/v1');
const matchIn = (text: string) => readText(text).intent?.mappings[0]?.match;
const path = { kind: 'prefix', value: '/one/', ignoresCase: false } as const;

describe('what requests a Mapping takes', () => {
  it.each<[string, string, object]>([
    ['a prefix', mapping(), { path, headers: [], query: [] }],
    ['an exact path', mapping('prefix_exact: true'), { path: { ...path, kind: 'exact' } }],
    [
      'a pattern, which need not begin with a slash',
      mapping("prefix: '(?:/a|/b)/.*'", 'prefix_regex: true').replace('prefix: /one/\n', ''),
      { path: { kind: 'regex', value: '(?:/a|/b)/.*', ignoresCase: false } },
    ],
    ['a prefix in any letters', mapping('case_sensitive: false'), { path: { ...path, ignoresCase: true } }],
    ['a method', mapping('method: POST'), { method: { kind: 'exact', value: 'POST' } }],
    [
      'methods by a pattern',
      mapping('method: GET|POST', 'method_regex: true'),
      { method: { kind: 'regex', value: 'GET|POST' } },
    ],
    [
      'headers of both kinds, by name in small letters',
      mapping("headers: {X-B: '1'}", "regex_headers: {X-A: 'a.*'}"),
      {
        headers: [
          { name: 'x-a', test: { kind: 'regex', value: 'a.*' } },
          { name: 'x-b', test: { kind: 'exact', value: '1' } },
        ],
      },
    ],
    [
      'a header that is merely there, where the dialect knows that',
      inV2(mapping('headers: {x-a: true}')),
      { headers: [{ name: 'x-a', test: { kind: 'present' } }] },
    ],
    [
      'parameters of both kinds, by name as written',
      inOwn(mapping("query_parameters: {B: '1', c: true}", "regex_query_parameters: {a: '\\d+'}")),
      {
        query: [
          { name: 'B', test: { kind: 'exact', value: '1' } },
          { name: 'a', test: { kind: 'regex', value: '\\d+' } },
          { name: 'c', test: { kind: 'present' } },
        ],
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(matchIn(text)).toMatchObject(expected);
  });

  eachText({
    'exact and pattern at a time': [
      mapping('prefix_exact: true', 'prefix_regex: true'),
      ['FieldsDisagree 5:15 prefix_exact'],
    ],
    'an exact path that is none': [mapping('prefix_exact: true').replace('/one/', 'one'), ['ValueWrong 4:9 prefix']],
    'a prefix in code that no request has when it is compared': [
      mapping().replace('/one/', '/%6Fne/'),
      ['ValueWrong 4:9 prefix'],
    ],
    'an exact path in code that no request has when it is compared': [
      mapping('prefix_exact: true').replace('/one/', '/one%2Djust'),
      ['ValueWrong 4:9 prefix'],
    ],
    'a pattern that looks ahead, with its place': [
      mapping("prefix: '/a(?!b)'", 'prefix_regex: true', "rewrite: ''").replace('prefix: /one/\n', ''),
      ['PatternWrong 4:12 prefix'],
    ],
    'a pattern that is too long with the flag in front of it': [
      mapping('prefix_regex: true', 'case_sensitive: false', "rewrite: ''").replace('/one/', `/${'a'.repeat(1022)}`),
      ['PatternWrong 4:9 prefix'],
    ],
    'a method that is no pattern': [mapping("method: '(GET'", 'method_regex: true'), ['PatternWrong 5:10 method']],
    'a header by a pattern that is none': [
      mapping("regex_headers: {x-a: '*'}"),
      ['PatternWrong 5:23 regex_headers.x-a'],
    ],
    'a parameter by a pattern that is none': [
      mapping("regex_query_parameters: {a: '[z-a]'}"),
      ['PatternWrong 5:31 regex_query_parameters.a'],
    ],
    'a pattern that is a boolean': [mapping('regex_headers: {x-a: true}'), ['TypeWrong 5:22 regex_headers.x-a']],
    'one name in both maps of headers': [
      mapping("headers: {x-a: '1'}", "regex_headers: {X-A: '.'}"),
      ['FieldsDisagree 6:17 regex_headers.x-a'],
    ],
    'one name in both maps of parameters': [
      mapping("query_parameters: {a: '1'}", "regex_query_parameters: {a: '.'}"),
      ['FieldsDisagree 6:26 regex_query_parameters.a'],
    ],
    'pseudo-headers by a pattern': [
      mapping("regex_headers: {':authority': '.*'}"),
      ['PseudoHeader 5:17 regex_headers.:authority'],
    ],
    'a parameter with a sign that would end it': [
      mapping("query_parameters: {'a&b': '1', c: 'd&e'}"),
      ['ValueWrong 5:20 query_parameters.a&b', 'ValueWrong 5:35 query_parameters.c'],
    ],
    'a parameter that is merely there, in v3alpha1': [
      mapping('query_parameters: {a: true}'),
      ['TypeWrong 5:23 query_parameters.a'],
    ],
    'fields that the dialect does not know': [
      mapping('prefix_exact: true', 'query_parameters: {a: b}').replace('getambassador.io/v3alpha1', 'ambassador/v0'),
      ['FieldOfOtherVersion 5:1 prefix_exact', 'FieldOfOtherVersion 6:1 query_parameters'],
    ],
  });
});
