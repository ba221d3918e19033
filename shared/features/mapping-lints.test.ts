import { describe, expect, it } from '@jest/globals';
import { brief, eachText, mapping, readText } from '../../test/support/readings.ts';

const at = (prefix: string, ...lines: string[]) => mapping(...lines).replace('/one/', prefix);
const two = (text: string) => text.replace('name: one', 'name: two');

describe('what Ambassador’s users get wrong themselves', () => {
  eachText({
    'a slash too many, by default': [at('/api'), ['RewriteSlashes 4:9 rewrite']],
    'a slash too many, as written': [at('/api', 'rewrite: /v1/'), ['RewriteSlashes 5:10 rewrite']],
    'a rewrite that fits': [at('/api', 'rewrite: /v1'), []],
    'a path that becomes another one as a whole': [at('/api', 'prefix_exact: true'), ['RewriteOfAll 4:9 rewrite']],
    'a pattern that becomes a slash as a whole': [at('/api/.*', 'prefix_regex: true'), ['RewriteOfAll 4:9 rewrite']],
    'the same where that is written': [at('/api/.*', 'prefix_regex: true', 'rewrite: /'), []],
    'a pattern as of file names': [
      at('/api/*', 'prefix_regex: true', "rewrite: ''"),
      ['PatternLooksLikeGlob 4:9 prefix'],
    ],
    'letters that another Mapping has too': [
      `${at('/man', "rewrite: ''")}---\n${two(at('/mankind/'))}`,
      ['PrefixTakesSiblings 4:9 prefix'],
    ],
    'letters that a Mapping of another host has too': [
      `${at('/man', "rewrite: ''")}---\n${two(at('/mankind/', 'hostname: a.example.com'))}`,
      [],
    ],
    'paths below': [`${at('/man', "rewrite: ''")}---\n${two(at('/man/kind/'))}`, []],
  });

  it.each([
    [
      'the seed’s TensorFlow Serving',
      'apiVersion: ambassador/v0\nkind: Mapping\nname: tfserving-mapping-test-post\nprefix: /models/test/\nrewrite: /model/test/:predict\nmethod: POST\nservice: web:8000\n',
    ],
    ['a service below a path', at('/backend-api/')],
    ['a service on all of a host', at('/', 'hostname: a.example.com')],
    ['a pattern with its path left alone', at('/v[0-9]+/.*', 'prefix_regex: true', "rewrite: ''")],
  ])('nothing is said of %s', (_, text) => {
    expect(readText(text).findings.map(brief)).toEqual([]);
  });
});

describe('labels of the Service', () => {
  const labelled = (labels: string) => mapping(`metadata_labels: ${labels}`);

  it('are those of all Mappings', () => {
    const { intent } = readText(
      `${labelled('{team: search, example.com/tier: gold}')}---\n${two(labelled("{team: search, a: ''}"))}`,
    );

    expect(intent?.serviceLabels).toEqual({ a: '', 'example.com/tier': 'gold', team: 'search' });
    expect(readText(mapping()).intent).not.toHaveProperty('serviceLabels');
  });

  eachText({
    'of Waymark, Kubernetes and Istio (S-01)': [
      labelled('{app.kubernetes.io/managed-by: me, istio.io/rev: x, waymark.dev/a: b}'),
      [
        'LabelTaken 5:19 metadata_labels.app.kubernetes.io/managed-by',
        'LabelTaken 5:53 metadata_labels.istio.io/rev',
        'LabelTaken 5:70 metadata_labels.waymark.dev/a',
      ],
    ],
    'of two values': [
      `${labelled('{team: a}')}---\n${two(labelled('{team: b}'))}`,
      ['LabelTaken 11:19 metadata_labels.team'],
    ],
    'that are none': [
      labelled("{'a b': c, d: 'e f', g: 1}"),
      ['ValueWrong 5:19 metadata_labels.a b', 'ValueWrong 5:32 metadata_labels.d', 'TypeWrong 5:42 metadata_labels.g'],
    ],
  });
});
