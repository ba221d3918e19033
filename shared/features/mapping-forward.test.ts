import { describe, expect, it } from '@jest/globals';
import { brief, context, eachText, mapping, readText } from '../../test/support/readings.ts';
import type { Forward } from '../intent.ts';

const inDialect = (dialect: string, text: string) => text.replace('getambassador.io/v3alpha1', dialect);

function forwardIn(text: string): Forward | undefined {
  const action = readText(text).intent?.mappings[0]?.action;
  return action?.does === 'forward' ? action : undefined;
}

describe('what becomes of requests that are sent on', () => {
  it('is Ambassador’s default where nothing is written', () => {
    expect(forwardIn(mapping())).toEqual({
      does: 'forward',
      destination: { to: 'own' },
      isShadow: false,
      rewrite: { kind: 'prefix', value: '/' },
      timeout: 3000,
      requestHeaders: { add: [], set: [], remove: [] },
      responseHeaders: { add: [], set: [], remove: [] },
    });
  });

  it.each<[string, string, Partial<Forward>]>([
    ['an empty rewrite leaves the path', mapping("rewrite: ''"), { rewrite: { kind: 'none' } }],
    [
      'a rewrite by a pattern',
      mapping("regex_rewrite: {pattern: '/one/(.*)', substitution: '/\\1'}"),
      { rewrite: { kind: 'regex', pattern: '/one/(.*)', substitution: '/\\1' } },
    ],
    ['a host', mapping('host_rewrite: models.example.com:8080'), { host: { name: 'models.example.com:8080' } }],
    ['its own host', mapping('auto_host_rewrite: true'), { host: 'destination' }],
    ['no timeout', mapping('timeout_ms: 0'), { timeout: 0 }],
    ['retries by default once', mapping('retry_policy: {retry_on: 5xx}'), { retries: { on: ['5xx'], attempts: 1 } }],
    [
      'retries with a timeout of each',
      mapping('retry_policy: {retry_on: gateway-error, num_retries: 3, per_try_timeout: 250ms}'),
      { retries: { on: ['gateway-error'], attempts: 3, perTryTimeout: 250 } },
    ],
    [
      'cors',
      mapping("cors: {origins: ['https://a.example.com'], methods: [GET, POST], credentials: true, max_age: '60'}"),
      {
        cors: {
          origins: ['https://a.example.com'],
          methods: ['GET', 'POST'],
          headers: [],
          exposedHeaders: [],
          credentials: true,
          maxAge: 60,
        },
      },
    ],
    [
      'cors in texts with commas, where the dialect knows them',
      inDialect('ambassador/v1', mapping("cors: {origins: 'http://a.com, http://b.com', headers: 'x-a,x-b'}")),
      {
        cors: {
          origins: ['http://a.com', 'http://b.com'],
          methods: [],
          headers: ['x-a', 'x-b'],
          exposedHeaders: [],
          credentials: false,
        },
      },
    ],
    [
      'edits of headers, sorted',
      mapping(
        'add_request_headers:',
        '  x-b: b',
        '  X-A: {value: a}',
        '  x-c: {value: "100%%", append: false}',
        'remove_request_headers: [x-e, x-d]',
      ),
      {
        requestHeaders: {
          add: [
            { name: 'X-A', value: 'a' },
            { name: 'x-b', value: 'b' },
          ],
          set: [{ name: 'x-c', value: '100%%' }],
          remove: ['x-d', 'x-e'],
        },
      },
    ],
    [
      'a boolean is its text in older dialects',
      inDialect('ambassador/v0', mapping('add_request_headers: {x-a: true}')),
      { requestHeaders: { add: [{ name: 'x-a', value: 'true' }], set: [], remove: [] } },
    ],
    [
      'names of headers in a text with commas',
      inDialect('getambassador.io/v2', mapping('remove_response_headers: server,x-powered-by')),
      { responseHeaders: { add: [], set: [], remove: ['server', 'x-powered-by'] } },
    ],
  ])('%s', (_, text, expected) => {
    expect(forwardIn(text)).toMatchObject(expected);
  });

  it('has a weight and may be a shadow', () => {
    const { intent } = readText(mapping('weight: 20', 'service: web', 'shadow: true'));

    expect(intent?.mappings[0]).toMatchObject({ weight: { value: 20 }, action: { isShadow: true } });
    expect(forwardIn(mapping('retry_policy: {retry_on: 5xx, num_retries: 0}'))).not.toHaveProperty('retries');
  });

  eachText({
    'a weight that is more than all (S-07)': [mapping('weight: 101'), ['ValueWrong 5:9 weight']],
    'both kinds of rewrite': [
      mapping('rewrite: /a/', 'regex_rewrite: {pattern: a, substitution: b}'),
      ['FieldIgnored 5:10 rewrite'],
    ],
    'a substitution that is empty': [
      mapping("regex_rewrite: {pattern: /one, substitution: ''}"),
      ['FieldRefused 5:46 regex_rewrite.substitution'],
    ],
    'a substitution that names a group that is not there': [
      mapping("regex_rewrite: {pattern: '/(one)', substitution: '/\\2'}"),
      ['ValueWrong 5:50 regex_rewrite.substitution'],
    ],
    'a pattern that refers back': [
      mapping("regex_rewrite: {pattern: '(/a)\\1', substitution: /}"),
      ['PatternWrong 5:31 regex_rewrite.pattern'],
    ],
    'a rewrite in Istio’s words': [
      mapping('regex_rewrite: {match: a, rewrite: b}'),
      [
        'FieldMissing 5:16 regex_rewrite.pattern',
        'FieldMissing 5:16 regex_rewrite.substitution',
        'FieldUnknown 5:17 regex_rewrite.match',
        'FieldUnknown 5:27 regex_rewrite.rewrite',
      ],
    ],
    'two hosts for the destination': [
      mapping('host_rewrite: a.example.com', 'auto_host_rewrite: true'),
      ['FieldsDisagree 6:20 auto_host_rewrite'],
    ],
    'a host that is none': [mapping("host_rewrite: 'https://a.example.com'"), ['ValueWrong 5:15 host_rewrite']],
    'several conditions of retries': [
      mapping("retry_policy: {retry_on: '5xx,gateway-error'}"),
      ['ValueWrong 5:26 retry_policy.retry_on'],
    ],
    'retries without a condition': [
      mapping('retry_policy: {num_retries: 2}'),
      ['FieldMissing 5:15 retry_policy.retry_on'],
    ],
    'retries whose timeout is none': [
      mapping('retry_policy: {retry_on: 5xx, per_try_timeout: 0s}'),
      ['ValueWrong 5:48 retry_policy.per_try_timeout'],
    ],
    'credentials for every origin': [
      mapping("cors: {origins: ['*'], credentials: true}"),
      ['FieldsDisagree 5:37 cors.credentials'],
    ],
    'an origin with a star in it': [
      mapping("cors: {origins: ['https://*.a.com']}"),
      ['ValueWrong 5:18 cors.origins[0]'],
    ],
    'no origin': [mapping('cors: {origins: []}'), ['ValueWrong 5:17 cors.origins']],
    'a method that Istio does not know for cors': [
      mapping("cors: {origins: ['*'], methods: [PURGE]}"),
      ['ValueWrong 5:34 cors.methods[0]'],
    ],
    'an age that is no number': [mapping("cors: {origins: ['*'], max_age: 1h}"), ['ValueWrong 5:33 cors.max_age']],
    'a list as text in v3alpha1': [
      mapping('remove_request_headers: x-a', "cors: {origins: 'https://a.com'}"),
      ['TypeWrong 5:25 remove_request_headers', 'TypeWrong 6:17 cors.origins'],
    ],
    'cors for requests that a browser does not ask with': [
      mapping("cors: {origins: ['*']}", 'method: POST'),
      ['PreflightUnanswered 6:9 method'],
    ],
    'cors for methods of which OPTIONS is one': [
      mapping("cors: {origins: ['*']}", "method: 'POST|OPTIONS'", 'method_regex: true'),
      [],
    ],
    'a boolean as a header in v3alpha1': [
      mapping('add_request_headers: {x-a: true}'),
      ['TypeWrong 5:28 add_request_headers.x-a'],
    ],
    'a header that HTTP needs': [
      mapping(
        'add_request_headers: {Host: a, ":path": b}',
        'add_response_headers: {":status": c}',
        'remove_request_headers: [host]',
      ),
      [
        'PseudoHeader 5:23 add_request_headers.Host',
        'PseudoHeader 5:32 add_request_headers.:path',
        'PseudoHeader 6:24 add_response_headers.:status',
        'PseudoHeader 7:26 remove_request_headers[0]',
      ],
    ],
    'a single percent sign': [mapping('add_request_headers: {x-a: 100%}'), ['ValueWrong 5:28 add_request_headers.x-a']],
    'a command of Envoy that reads the gateway’s environment (S-01)': [
      mapping('add_response_headers: {x-a: "%ENVIRONMENT(TOKEN)%"}'),
      ['ValueWrong 5:29 add_response_headers.x-a'],
    ],
    'a header that is added and removed': [
      mapping('add_request_headers: {X-A: a}', 'remove_request_headers: [x-a]'),
      ['FieldsDisagree 6:26 remove_request_headers'],
    ],
    'a header twice in different letters': [
      mapping('add_request_headers: {X-A: a, x-a: b}', 'remove_response_headers: [X-B, x-b]'),
      ['ItemRepeated 5:31 add_request_headers.x-a', 'ItemRepeated 6:32 remove_response_headers[1]'],
    ],
    'a copy that would differ from the request': [
      mapping('shadow: true', 'service: web', 'add_request_headers: {x-a: a}', 'host_rewrite: a.com'),
      ['FieldsDisagree 7:22 add_request_headers', 'FieldsDisagree 8:15 host_rewrite'],
    ],
    'answers to a copy': [
      mapping('shadow: true', 'service: web', 'timeout_ms: 5', "cors: {origins: ['*']}"),
      ['FieldIgnored 7:13 timeout_ms', 'FieldIgnored 8:7 cors'],
    ],
  });

  it('copies nothing to a place outside', () => {
    const outside = context({ externalServices: ['example.org'] });
    const { findings } = readText(mapping('shadow: true', 'service: a.example.org'), outside);

    expect(findings.map(brief)).toEqual(['FieldsDisagree 6:10 service']);
  });
});
