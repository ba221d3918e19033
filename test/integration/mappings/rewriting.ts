import { ECHO_HOST, hostOf } from './subject.ts';
import type { Exchange, Topic } from './subject.ts';

const get = (path: string): Exchange['request'] => ({ path });
const taken = (path: string, seen: string): Exchange => ({ request: get(path), seen: { path: seen } });

export const rewriting: Topic = {
  rewrite: {
    mappings: {
      absent: ['prefix: /absent/'],
      empty: ['prefix: /empty/', 'rewrite: ""'],
      written: ['prefix: /written/', 'rewrite: /v1/'],
      same: ['prefix: /same/', 'rewrite: /same/'],
      longer: ['prefix: /longer/', 'rewrite: /longer/still/'],
    },
    requests: {
      "left out puts '/' for the prefix": taken('/absent/a/b?q=1', '/a/b?q=1'),
      'empty leaves the path as it is': taken('/empty/a?q=1', '/empty/a?q=1'),
      'written stands for the prefix': taken('/written/a', '/v1/a'),
      'equal to the prefix changes nothing': taken('/same/a', '/same/a'),
      'is made once': taken('/longer/a', '/longer/still/a'),
    },
  },
  'rewrite of a model, as in the guides of Kubeflow': {
    mappings: {
      m: ['apiVersion: ambassador/v0', 'prefix: /models/test/', 'rewrite: "/model/test/:predict"', 'method: POST'],
    },
    requests: {
      'makes the path that is meant of the prefix alone': {
        request: { path: '/models/test/', method: 'POST', body: '{}' },
        seen: { path: '/model/test/:predict', method: 'POST' },
      },
      'puts what follows the prefix behind it, as with Ambassador': {
        request: { path: '/models/test/x', method: 'POST', body: '{}' },
        seen: { path: '/model/test/:predictx' },
      },
      'is not made for another method': { request: get('/models/test/'), answer: { status: 404 } },
    },
  },
  regex_rewrite: {
    mappings: {
      groups: [
        'prefix: /users/',
        String.raw`regex_rewrite: {pattern: "^/users/([^/]+)/(.*)$", substitution: "/\\2/of/\\1"}`,
      ],
      every: ['prefix: /every/', 'regex_rewrite: {pattern: "a", substitution: "bb"}'],
      none: ['prefix: /none/', 'regex_rewrite: {pattern: "/other/", substitution: "/x/"}'],
      both: ['prefix: /both/', 'rewrite: /lost/', 'regex_rewrite: {pattern: "^/both", substitution: "/kept"}'],
      pattern: [
        'prefix: "/v([0-9])/.*"',
        'prefix_regex: true',
        String.raw`regex_rewrite: {pattern: "^/v([0-9])/", substitution: "/\\1/"}`,
      ],
    },
    requests: {
      'puts what its groups found where the substitution says': taken(
        '/users/alice/files/a?q=1',
        '/files/a/of/alice?q=1',
      ),
      'is made wherever the pattern is found, and not in the query': taken('/every/aca?a=a', '/every/bbcbb?a=a'),
      'leaves a path in which it finds nothing': taken('/none/a', '/none/a'),
      'wins over rewrite': taken('/both/a', '/kept/a'),
      'goes with prefix_regex': taken('/v2/a', '/2/a'),
    },
  },
  host_rewrite: {
    mappings: {
      written: ['prefix: /written/', 'host_rewrite: inside.example.com'],
      absent: ['prefix: /absent/'],
      path: ['prefix: /path/', 'rewrite: /p/', 'host_rewrite: inside.example.com'],
    },
    requests: {
      'is what the program sees as host': { request: get('/written/'), seen: { host: 'inside.example.com' } },
      'left out leaves what the client wrote': { request: get('/absent/'), seen: { host: hostOf('rewriting', 3) } },
      'goes with rewrite': { request: get('/path/a'), seen: { host: 'inside.example.com', path: '/p/a' } },
    },
  },
  auto_host_rewrite: {
    mappings: { m: ['prefix: /auto/', 'auto_host_rewrite: true'] },
    requests: {
      'shows the program its own name in the cluster': { request: get('/auto/'), seen: { host: ECHO_HOST } },
    },
  },
};

export const redirecting: Topic = {
  host_redirect: {
    mappings: {
      plain: ['prefix: /plain/', 'host_redirect: true', 'service: new.example.com'],
      scheme: ['prefix: /scheme/', 'host_redirect: true', 'service: https://new.example.com'],
      port: ['prefix: /port/', 'host_redirect: true', 'service: https://new.example.com:8443'],
      found: ['prefix: /found/', 'host_redirect: true', 'service: new.example.com', 'redirect_response_code: 302'],
      other: ['prefix: /other/', 'host_redirect: true', 'service: new.example.com', 'redirect_response_code: 303'],
      temporary: [
        'prefix: /temporary/',
        'host_redirect: true',
        'service: new.example.com',
        'redirect_response_code: 307',
      ],
      permanent: [
        'prefix: /permanent/',
        'host_redirect: true',
        'service: new.example.com',
        'redirect_response_code: 308',
      ],
    },
    requests: {
      'names the other host, and the rest as it was': redirected(
        '/plain/a?q=1',
        301,
        'http://new.example.com/plain/a?q=1',
      ),
      'names the scheme that is written': redirected('/scheme/a', 301, 'https://new.example.com/scheme/a'),
      'names the port that is written': redirected('/port/a', 301, 'https://new.example.com:8443/port/a'),
      'answers with 302 if that is written': redirected('/found/', 302, 'http://new.example.com/found/'),
      'answers with 303 if that is written': redirected('/other/', 303, 'http://new.example.com/other/'),
      'answers with 307 if that is written': redirected('/temporary/', 307, 'http://new.example.com/temporary/'),
      'answers with 308 if that is written': redirected('/permanent/', 308, 'http://new.example.com/permanent/'),
    },
  },
  path_redirect: {
    mappings: {
      m: ['prefix: /old/', 'host_redirect: true', 'service: new.example.com', 'path_redirect: /new/page'],
    },
    requests: {
      'names another path, whatever follows the prefix': redirected('/old/a', 301, 'http://new.example.com/new/page'),
      'keeps the query': redirected('/old/a?q=1', 301, 'http://new.example.com/new/page?q=1'),
    },
  },
};

function redirected(path: string, status: number, location: string): Exchange {
  return { request: get(path), answer: { status, headers: { location } } };
}
