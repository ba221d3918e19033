import { describe, expect, it } from '@jest/globals';
import { brief, context, eachText, mapping, readText } from '../../test/support/readings.ts';
import type { Redirect } from '../intent.ts';

const since131 = context({ istio: { version: '1.31' } });
const redirect = (...lines: string[]) => mapping('host_redirect: true', 'service: www.example.com', ...lines);

describe('a redirect', () => {
  it.each<[string, string, Partial<Redirect>]>([
    ['keeps scheme, port and path of the request', redirect(), { host: 'www.example.com', code: 301 }],
    [
      'has the scheme and the port of its service',
      mapping('host_redirect: true', 'service: https://www.example.com:8443'),
      { host: 'www.example.com', scheme: 'https', port: 8443 },
    ],
    ['has a path', redirect('path_redirect: /new/'), { path: { kind: 'whole', value: '/new/' } }],
    ['has another prefix', redirect('prefix_redirect: /new/'), { path: { kind: 'prefix', value: '/new/' } }],
    ['has a code', redirect('redirect_response_code: 308'), { code: 308 }],
  ])('%s', (_, text, expected) => {
    const action = readText(text, since131).intent?.mappings[0]?.action;

    expect(action).toMatchObject({ does: 'redirect', ...expected });
    expect(
      Object.keys(action ?? {})
        .filter(key => ['scheme', 'port', 'path'].includes(key))
        .sort(),
    ).toEqual(
      Object.keys(expected)
        .filter(key => ['scheme', 'port', 'path'].includes(key))
        .sort(),
    );
  });

  eachText({
    'to nowhere': [mapping('host_redirect: true'), ['FieldMissing 1:1 service']],
    'to what looks like a Service': [mapping('host_redirect: true', 'service: web'), ['RedirectInside 6:10 service']],
    'with what only requests that are sent on have': [
      redirect('weight: 10', "rewrite: ''", 'shadow: true', 'tls: true').replace('v3alpha1', 'v2'),
      [
        'FieldsDisagree 7:9 weight',
        'FieldsDisagree 8:10 rewrite',
        'FieldsDisagree 9:9 shadow',
        'FieldsDisagree 10:6 tls',
      ],
    ],
    'with what has no effect': [
      redirect('timeout_ms: 5', 'connect_timeout_ms: 5'),
      ['FieldIgnored 7:13 timeout_ms', 'FieldIgnored 8:21 connect_timeout_ms'],
    ],
    'with two paths, one of them too new for Istio': [
      redirect('path_redirect: /a', 'prefix_redirect: /b'),
      ['FieldsDisagree 8:18 prefix_redirect'],
    ],
    'with a prefix that Istio cannot replace yet': [
      redirect('prefix_redirect: /b'),
      ['FieldRefused 7:18 prefix_redirect'],
    ],
    'with a code that is none': [redirect('redirect_response_code: 304'), ['ValueWrong 7:25 redirect_response_code']],
    'by a pattern': [redirect('regex_redirect: {pattern: a, substitution: b}'), ['FieldRefused 7:1 regex_redirect']],
    'without a host': [
      mapping('path_redirect: /a', 'prefix_redirect: /b', 'redirect_response_code: 302'),
      [
        'FieldsDisagree 5:16 path_redirect',
        'FieldsDisagree 6:18 prefix_redirect',
        'FieldIgnored 7:25 redirect_response_code',
      ],
    ],
  });

  it('replaces a prefix of a prefix only', () => {
    const { findings } = readText(redirect('prefix_redirect: /b', 'prefix_exact: true'), since131);

    expect(findings.map(brief)).toEqual(['FieldsDisagree 7:18 prefix_redirect']);
  });
});
