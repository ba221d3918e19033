import type { Exchange, Topic } from './subject.ts';

const NONE: Exchange['answer'] = { status: 404 };
const get = (path: string, headers: Readonly<Record<string, string>> = {}): Exchange['request'] => ({ path, headers });
/** Requests that the Mapping takes, whose rewrite tells that it was asked. */
const taken = (request: Exchange['request'], path: string): Exchange => ({ request, seen: { path } });
const passed = (request: Exchange['request']): Exchange => ({ request, answer: NONE });

export const matching: Topic = {
  'a prefix': {
    mappings: { m: ['prefix: /man/'] },
    requests: {
      'takes what lies under it, and what is left of it comes behind a slash': taken(get('/man/a/b?q=1'), '/a/b?q=1'),
      'takes itself': taken(get('/man/'), '/'),
      'does not take itself without its slash': passed(get('/man')),
      'does not take another case': passed(get('/MAN/a')),
    },
  },
  'a prefix without a slash at its end': {
    mappings: { m: ['prefix: /man'] },
    requests: {
      'takes longer names too, as with Ambassador': taken(get('/mankind'), '/kind'),
      'leaves a second slash, as with Ambassador': taken(get('/man/a'), '//a'),
    },
  },
  prefix_exact: {
    mappings: { m: ['prefix: /exact', 'prefix_exact: true', 'rewrite: /seen'] },
    requests: {
      'takes the path': taken(get('/exact'), '/seen'),
      'takes the path with a query': taken(get('/exact?q=1'), '/seen?q=1'),
      'takes nothing below the path': passed(get('/exact/a')),
      'takes nothing longer': passed(get('/exactly')),
    },
  },
  prefix_regex: {
    mappings: { m: ['prefix: "/v[0-9]+/models/[^/]+"', 'prefix_regex: true', 'rewrite: ""'] },
    requests: {
      'takes a path that it describes from end to end': taken(get('/v12/models/a?q=1'), '/v12/models/a?q=1'),
      'does not take a path that goes on': passed(get('/v12/models/a/b')),
      'does not take a path that begins earlier': passed(get('/x/v12/models/a')),
    },
  },
  'prefix_regex without a rewrite': {
    mappings: { m: ['prefix: "/v[0-9]+/.*"', 'prefix_regex: true'] },
    requests: {
      "puts '/' for the whole path, as with Ambassador": taken(get('/v1/a/b?q=1'), '/?q=1'),
    },
  },
  'prefix_regex with a rewrite to its own text': {
    mappings: { m: ['prefix: "/v."', 'prefix_regex: true', 'rewrite: "/v."'] },
    requests: { 'puts that text for the path': taken(get('/v1'), '/v.') },
  },
  'case_sensitive: false': {
    mappings: {
      prefix: ['prefix: /Any/', 'case_sensitive: false', 'rewrite: /prefix/'],
      exact: ['prefix: /Same', 'prefix_exact: true', 'case_sensitive: false', 'rewrite: /exact'],
      regex: ['prefix: "/[a-c]+/x"', 'prefix_regex: true', 'case_sensitive: false', 'rewrite: /regex'],
      itself: ['prefix: /Low/', 'case_sensitive: false', 'rewrite: /Low/'],
    },
    requests: {
      'takes a prefix in any case': taken(get('/aNY/Thing'), '/prefix/Thing'),
      'takes an exact path in any case': taken(get('/sAME'), '/exact'),
      'takes a pattern in any case': taken(get('/aBC/X'), '/regex'),
      'writes the prefix as it is written where the rewrite says so': taken(get('/LOW/a'), '/Low/a'),
    },
  },
  method: {
    mappings: { m: ['prefix: /m/', 'method: PUT'] },
    requests: {
      'takes requests of that method': { request: { path: '/m/', method: 'PUT' }, seen: { method: 'PUT' } },
      'takes no other': passed(get('/m/')),
    },
  },
  method_regex: {
    mappings: { m: ['prefix: /m/', 'method: "GET|P.*"', 'method_regex: true'] },
    requests: {
      'takes one of the methods': { request: { path: '/m/', method: 'GET' }, seen: { method: 'GET' } },
      'takes one that the pattern describes': { request: { path: '/m/', method: 'PATCH' }, seen: { method: 'PATCH' } },
      'takes no other': { request: { path: '/m/', method: 'DELETE' }, answer: NONE },
    },
  },
  headers: {
    mappings: {
      both: ['prefix: /h/', 'headers: {X-User: alice, x-tier: "1"}', 'rewrite: /both/'],
      one: ['prefix: /h/', 'headers: {x-user: alice}', 'rewrite: /one/'],
      there: ['prefix: /h/', 'headers: {x-any: true}', 'rewrite: /there/'],
      pattern: ['prefix: /h/', 'regex_headers: {x-user: "b.*|carol"}', 'rewrite: /pattern/'],
      plain: ['prefix: /h/', 'rewrite: /plain/'],
    },
    requests: {
      'all of them must be there': taken(get('/h/', { 'x-user': 'alice', 'x-tier': '1' }), '/both/'),
      'the Mapping with fewer is asked after': taken(get('/h/', { 'x-user': 'alice', 'x-tier': '2' }), '/one/'),
      'a value is compared whole': taken(get('/h/', { 'x-user': 'alice2' }), '/plain/'),
      'a value is compared with its case': taken(get('/h/', { 'x-user': 'Alice' }), '/plain/'),
      'true asks that there is one': taken(get('/h/', { 'x-any': 'whatever' }), '/there/'),
      'a pattern describes the value': taken(get('/h/', { 'x-user': 'bob' }), '/pattern/'),
      'a pattern describes the whole value': taken(get('/h/', { 'x-user': 'carol2' }), '/plain/'),
      'without any the plain one takes the request': taken(get('/h/'), '/plain/'),
    },
  },
  query_parameters: {
    mappings: {
      exact: ['prefix: /q/', 'query_parameters: {user: alice}', 'rewrite: /exact/'],
      there: ['prefix: /q/', 'query_parameters: {debug: true}', 'rewrite: /there/'],
      pattern: ['prefix: /q/', 'regex_query_parameters: {id: "[0-9]+"}', 'rewrite: /pattern/'],
      plain: ['prefix: /q/', 'rewrite: /plain/'],
    },
    requests: {
      'takes the value': taken(get('/q/?a=b&user=alice'), '/exact/?a=b&user=alice'),
      'takes no other value': taken(get('/q/?user=alicia'), '/plain/?user=alicia'),
      'names keep their case': taken(get('/q/?User=alice'), '/plain/?User=alice'),
      'true asks that there is one': taken(get('/q/?debug=0'), '/there/?debug=0'),
      'a pattern describes the value': taken(get('/q/?id=17'), '/pattern/?id=17'),
      'a pattern describes the whole value': taken(get('/q/?id=17a'), '/plain/?id=17a'),
    },
  },
  'host with headers under another prefix': {
    mappings: {
      v3: ['apiVersion: getambassador.io/v3alpha1', 'prefix: /v3/', 'rewrite: /three/'],
      v1: ['apiVersion: getambassador.io/v1', 'prefix: /v1/', 'rewrite: /one/'],
      old: ['apiVersion: ambassador/v1', 'prefix: /old/', 'rewrite: /old-one/'],
      oldest: ['apiVersion: ambassador/v0', 'prefix: /oldest/', 'rewrite: /zero/'],
      ours: ['apiVersion: waymark.dev/v1', 'prefix: /ours/', 'rewrite: /own/'],
    },
    requests: {
      'of getambassador.io/v3alpha1': taken(get('/v3/'), '/three/'),
      'of getambassador.io/v1': taken(get('/v1/'), '/one/'),
      'of ambassador/v1': taken(get('/old/'), '/old-one/'),
      'of ambassador/v0': taken(get('/oldest/'), '/zero/'),
      'of waymark.dev/v1': taken(get('/ours/'), '/own/'),
    },
  },
};

export const ordering: Topic = {
  'the longer prefix': {
    mappings: {
      long: ['prefix: /models/resnet/', 'rewrite: /long/'],
      short: ['prefix: /models/', 'rewrite: /short/'],
    },
    requests: {
      'is asked first': taken(get('/models/resnet/x'), '/long/x'),
      'leaves the rest to the shorter': taken(get('/models/vgg/x'), '/short/vgg/x'),
    },
  },
  'a higher precedence': {
    mappings: {
      first: ['prefix: /x', 'precedence: 1', 'rewrite: /first'],
      longer: ['prefix: /xlonger/', 'rewrite: /longer/'],
      last: ['prefix: /xlonger/still/', 'precedence: -1', 'rewrite: /last/'],
    },
    requests: { 'is asked first, whatever its prefix': taken(get('/xlonger/still/a'), '/firstlonger/still/a') },
  },
  'a long pattern': {
    mappings: {
      pattern: ['prefix: "/[a-z]{1,10}/[a-z]{1,10}"', 'prefix_regex: true', 'rewrite: /pattern'],
      prefix: ['prefix: /models/resnet', 'rewrite: /prefix'],
    },
    requests: { 'is asked before a shorter prefix, as with Ambassador': taken(get('/models/resnet'), '/pattern') },
  },
  'an exact path': {
    mappings: {
      exact: ['prefix: /ab', 'prefix_exact: true', 'rewrite: /exact'],
      prefix: ['prefix: /a', 'rewrite: /prefix'],
      below: ['prefix: /abc', 'rewrite: /below'],
    },
    requests: {
      'is asked by its length like any other': taken(get('/ab'), '/exact'),
      'leaves what is longer': taken(get('/abc'), '/below'),
      'leaves what is beside it': taken(get('/abx'), '/prefixbx'),
    },
  },
  'a method': {
    mappings: {
      any: ['prefix: /a/', 'rewrite: /any/'],
      posted: ['prefix: /a/', 'method: POST', 'rewrite: /posted/'],
    },
    requests: {
      'is asked before none': { request: { path: '/a/', method: 'POST' }, seen: { path: '/posted/' } },
      'leaves the others': taken(get('/a/'), '/any/'),
    },
  },
};
