import { describe, expect, it } from '@jest/globals';
import { eachText, mapping, MAPPING_HEAD, readText, service, SERVICE_HEAD } from '../test/support/readings.ts';

describe('the text of an annotation', () => {
  eachText({
    'nothing at all': ['', ['NoDocument 1:1']],
    'comments only': ['# nothing\n---\n', ['NoDocument 1:1']],
    'a lone word': ['Mapping', ['NotAMap 1:1']],
    'a list': ['- kind: Mapping', ['NotAMap 1:1']],
    'a bracket that is not closed, and the other document still read': [
      `a: [\n---\n${service('hpa: x')}`,
      ['SyntaxWrong 2:1', 'FieldUnknown 8:1 hpa'],
    ],
    'a tab as indentation': [service('replicas:', '\tmin: 1'), ['SyntaxWrong 7:1']],
    'a second document without a line of its own': [`${service()}--- {kind: Mapping}\n`, ['SyntaxWrong 7:1']],
    'a key twice, at the second': [service('area: x', 'area: y'), ['DuplicateKey 7:1']],
    'a key twice further in': [mapping("headers: {a: '1', a: '2'}"), ['DuplicateKey 5:19']],
    'an anchor': [service('area: &a x'), ['YamlFeatureRefused 6:7']],
    'an alias': [service('area: &a x', 'modelPath: *a'), ['YamlFeatureRefused 6:7', 'YamlFeatureRefused 7:12']],
    'an alias of nothing': [service('area: *a'), ['YamlFeatureRefused 6:7']],
    'a merge key': [service('<<: {area: x}'), ['YamlFeatureRefused 6:1']],
    'a tag': [service('area: !!str x'), ['YamlFeatureRefused 6:7']],
    'a tag of nobody': [service('area: !x z'), ['YamlFeatureRefused 6:7']],
    'a directive': ['%YAML 1.1\n---\n', ['YamlFeatureRefused 1:1']],
    'a key that is a number': [service('1: x'), ['KeyNotAString 6:1']],
    'a key that is a list': [service('? [a]\n: x'), ['KeyNotAString 6:3']],
    'a key that is empty': [service(': x'), ['KeyNotAString 6:1']],
    'a prototype (S-01)': [
      service('__proto__: {x: y}', 'constructor: z'),
      ['FieldUnknown 6:1 __proto__', 'FieldUnknown 7:1 constructor'],
    ],
    'a control character (S-01)': [service('area: a\u0007b'), ['CharacterRefused 6:8']],
    'a lone carriage return (S-01)': [service('area: a\rb'), ['CharacterRefused 6:8']],
    'a mark of direction, in a comment too (S-01)': [service('# \u202Egnihton'), ['CharacterRefused 6:3']],
    'half a surrogate pair (S-01)': [service('area: a\uD800'), ['CharacterRefused 6:8']],
    'a line end inside a value (S-01)': [service('area: "a\\nb"'), ['CharacterRefused 6:7']],
    'a block scalar, which ends with a line end (S-01)': [service('area: |', '  x'), ['CharacterRefused 7:4']],
    'NUL behind an escape (S-01)': [service('area: "\\0"'), ['CharacterRefused 6:7']],
    'a character without width in a value (S-01)': [service('area: sh\u200Banghai'), ['CharacterRefused 6:9']],
    'nine levels': [service('hosts: [[[[[[[[a]]]]]]]]'), ['TooDeep 6:15']],
    'a value of more than 1024 characters (S-02)': [service(`modelPath: /${'m'.repeat(1024)}`), ['TooLong 6:12']],
    'a list of more than 64 (S-02)': [service(`ports: [${'1,'.repeat(65)}]`), ['TooLong 6:8']],
    'a second InferenceService': [`${service()}---\n${service()}`, ['SeveralInferenceServices 8:1']],
    'the form of the custom resource': [
      'apiVersion: getambassador.io/v2\nkind: Mapping\nmetadata: {name: one}\nspec: {prefix: /}',
      ['NestedForm 3:1 metadata'],
    ],
    'no kind': ['apiVersion: waymark.dev/v1\nprefix: /', ['KindUnknown 1:1 kind']],
    'a kind of Ambassador': ['apiVersion: getambassador.io/v2\nkind: TCPMapping', ['KindUnknown 2:7 kind']],
    'a kind in small letters': ['apiVersion: waymark.dev/v1\nkind: mapping', ['KindUnknown 2:7 kind']],
    'no apiVersion': ['kind: Mapping\nname: a\nprefix: /', ['ApiVersionUnknown 1:1 apiVersion']],
    'an apiVersion of the other kind': [
      `${SERVICE_HEAD.replace('waymark.dev/v1', 'getambassador.io/v2')}version: v20240501`,
      ['ApiVersionUnknown 1:13 apiVersion'],
    ],
    'an apiVersion that there never was': [
      MAPPING_HEAD.replace('v3alpha1', 'v3') + 'prefix: /',
      ['ApiVersionUnknown 1:13 apiVersion'],
    ],
  });

  it.each([
    ['x.getambassador.io/v3alpha1', 'getambassador.io/v3alpha1'],
    ['getambassador.io/v0', 'ambassador/v0'],
    ['getambassador.io/v3', 'getambassador.io/v3alpha1'],
    ['waymark/v1', 'waymark.dev/v1'],
  ])('takes %s for %s', (written, meant) => {
    const { findings } = readText(`apiVersion: ${written}\nkind: Mapping\nname: one\nprefix: /one/`);

    expect(findings.map(({ fix }) => fix)).toContain(`write \`apiVersion: ${meant}\``);
  });

  it.each([
    ['ambassador/v2', 'host: a.example.com', "headers: {x: 'true'}"],
    ['ambassador/v3alpha1', 'hostname: a.example.com', 'regex_headers: {x: .*}'],
  ])('reads %s as Ambassador does, under its new name', (written, ...fields) => {
    const text = ['apiVersion: ' + written, 'kind: Mapping', 'name: one', 'prefix: /one/', ...fields].join('\n');

    expect(readText(text).findings).toEqual([]);
    expect(readText(`${text}\nhealth_checks: [1]`).findings).toHaveLength(1);
  });
});
