import { describe, expect, it } from '@jest/globals';
import { Failure } from './failure.ts';
import { readManifests } from './manifests.ts';
import { worldOf } from './world.ts';
import type { World } from './world.ts';
import { defaultSettings } from '../shared/settings-file.ts';

function world(text: string, namespace = 'default'): World {
  return worldOf(readManifests({ name: 'shop.yaml', text }), defaultSettings, namespace);
}

const spec = `spec: {selector: {matchLabels: {app: x}}, template: {spec: {containers: [{name: a}]}}}`;

function deployment(name: string, annotation = 'waymark.dev/config: x', metadata = ''): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n${metadata}  annotations: {${annotation}}\n${spec}\n`;
}

describe('the world of files', () => {
  it.each([
    ['a Deployment with our annotation', deployment('a'), ['a']],
    ['a Deployment with the annotation of Ambassador', deployment('a', 'getambassador.io/config: x'), ['a']],
    ['a Deployment with a key that is nearly ours', deployment('a', 'waymark.dev/confg: x'), ['a']],
    ['a Deployment with a name that is too long for a Service', deployment('a'.repeat(70)), ['a'.repeat(70)]],
    ['no Deployment with other annotations', deployment('a', 'other.dev/config: x'), []],
    ['no Deployment without annotations', deployment('a').replace(/^ {2}annotations.*\n/m, ''), []],
    ['no Deployment of another group', deployment('a').replace('apps/v1', 'other.dev/v1'), []],
    ['every Deployment in the order of the files', `${deployment('b')}---\n${deployment('a')}`, ['b', 'a']],
  ])('holds %s', (_, text, names) => {
    const { deployments } = world(text).snapshot;

    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(names);
  });

  it('holds Namespaces for their settings and Services as existing', () => {
    const { namespaces, existing } = world(
      `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {a: b}}}\n---\n` +
        `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{port: 80}]}}\n`,
    ).snapshot;

    expect([...namespaces]).toEqual([
      ['shop', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { a: 'b' } } }],
    ]);
    expect(existing).toMatchObject([{ kind: 'Service', metadata: { name: 'web', namespace: 'shop' } }]);
  });

  it('finds a Namespace also where its manifest says that it is in one', () => {
    const found = world('{apiVersion: v1, kind: Namespace, metadata: {name: shop, namespace: other}}\n');

    expect(found.manifestOf({ kind: 'Namespace', namespace: '', name: 'shop' })?.value.kind).toBe('Namespace');
  });

  it('holds Hosts for who owns them, by their spec alone', () => {
    const { facts } = world(
      `{apiVersion: waymark.dev/v1, kind: Host, metadata: {name: shop.example.com}, spec: {namespace: team-a, reserved: true}, ` +
        `status: {active: web, conditions: [], members: []}}\n`,
      'shop',
    ).snapshot;

    expect(facts?.traffic.host('shop.example.com')).toEqual({
      metadata: { name: 'shop.example.com' },
      spec: { namespace: 'team-a', reserved: true },
    });
    expect(facts?.traffic.host('other.example.com')).toBeUndefined();
  });

  it.each([
    [
      'the first of its ports',
      '{selector: {app: web}, ports: [{port: 81}, {port: 80}]}',
      { port: 81, ports: [81, 80], selects: true },
    ],
    ['none without ports', '{selector: {app: web}}', { ports: [], selects: true }],
    ['and no Pods without a selector', '{ports: [{port: 80}]}', { port: 80, ports: [80], selects: false }],
    ['nor with an empty one', '{selector: {}, ports: [{port: 80}]}', { port: 80, ports: [80], selects: false }],
    [
      'nor those of another name',
      '{type: ExternalName, externalName: a.example.com, selector: {app: web}, ports: [{port: 80}]}',
      { port: 80, ports: [80], selects: false },
    ],
  ])('holds of a Service where requests go: %s', (_, spec, expected) => {
    const { facts } = world(
      `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: ${spec}}\n`,
    ).snapshot;

    expect(facts?.traffic.service('shop', 'web')).toEqual({ ...expected, ready: 1, endpoints: '' });
    expect(facts?.traffic.service('lab', 'web')).toBeUndefined();
  });

  it('holds no Host of Ambassador', () => {
    const { facts } = world(
      '{apiVersion: getambassador.io/v3alpha1, kind: Host, metadata: {name: shop.example.com}, spec: {hostname: a.example.com}}\n',
    ).snapshot;

    expect(facts?.traffic.host('shop.example.com')).toBeUndefined();
  });

  it('puts an object that names no namespace into the one that was asked for', () => {
    const text = `${deployment('a')}---\n${deployment('b', undefined, '  namespace: own\n')}`;

    const { deployments } = world(text, 'asked').snapshot;

    expect(deployments.map(({ metadata }) => metadata.namespace)).toEqual(['asked', 'own']);
  });

  it('leaves out empty fields, as the API server does', () => {
    const [got] = world(deployment('a', undefined, '  creationTimestamp: null\n')).snapshot.deployments;

    expect(got?.metadata).not.toHaveProperty('creationTimestamp');
  });

  it('finds the way back from an object to its place', () => {
    const text = `${deployment('a')}---\n${deployment('b')}`;
    const files = world(text);

    const place = files.manifestOf({ kind: 'Deployment', namespace: 'default', name: 'b' })?.placeOf({
      in: 'field',
      path: ['metadata', 'name'],
    });

    expect(place?.start).toEqual({ line: 11, column: 9 });
    expect(files.manifestOf({ kind: 'Deployment', namespace: 'default', name: 'c' })).toBeUndefined();
  });
});

describe('an object that the API server could not read', () => {
  const cases: Record<string, { text: string; message: string }> = {
    'an annotation that is no text': {
      text: deployment('a', 'waymark.dev/config: yes'),
      message:
        "shop.yaml:5:37: Deployment: `metadata.annotations['waymark.dev/config']` must be a string, but is the boolean true",
    },
    'a name that is missing': {
      text: deployment('a').replace('  name: a\n', ''),
      message: 'shop.yaml:4:3: Deployment: `metadata.name` must be there, but is missing',
    },
    'a name with capitals': {
      text: deployment('Web_1'),
      message:
        "shop.yaml:4:9: Deployment: `metadata.name` must be lower-case letters, digits, dashes and dots, but is 'Web_1'",
    },
    'a namespace with a dot': {
      text: deployment('a').replace('  name: a\n', '  name: a\n  namespace: a.b\n'),
      message: "shop.yaml:5:14: Deployment: `metadata.namespace` must be a DNS label, but is 'a.b'",
    },
    'a container without a name': {
      text: deployment('a').replace('{name: a}', '{image: x}'),
      message: 'shop.yaml:6:74: Deployment: `spec.template.spec.containers[0].name` must be there, but is missing',
    },
    'a port that is text': {
      text: deployment('a').replace('{name: a}', '{name: a, ports: [{containerPort: "80"}]}'),
      message: 'containers[0].ports[0].containerPort` must be a whole number, but is a string',
    },
    'a port whose name no Service may have': {
      text: deployment('a').replace('{name: a}', '{name: a, ports: [{name: "re\\u202es", containerPort: 80}]}'),
      message: 'containers[0].ports[0].name` must be at most 15 lower-case letters',
    },
    'a label that no selector may have': {
      text: deployment('a').replace('{app: x}', "{app: '/mnt 000'}"),
      message: '`spec.selector.matchLabels.app` must be the value of a label',
    },
    'a list where a map must be': {
      text: deployment('a').replace('{matchLabels: {app: x}}', '[]'),
      message: '`spec.selector` must be a map, but is a list',
    },
    'a map where a list must be': {
      text: deployment('a').replace('[{name: a}]', '{name: a}'),
      message: '`spec.template.spec.containers` must be a list, but is a map',
    },
    'an environment variable that is a number': {
      text: deployment('a').replace('{name: a}', '{name: a, env: [{name: x, value: 1}]}'),
      message: 'containers[0].env[0].value` must be a string, but is the number 1',
    },
    'a Host that is no host': {
      text: '{apiVersion: waymark.dev/v1, kind: Host, metadata: {name: shop}, spec: {namespace: a}}',
      message: "Host: `metadata.name` must be a host such as shop.example.com, in lower case, but is 'shop'",
    },
    'a Host without an owner': {
      text: '{apiVersion: waymark.dev/v1, kind: Host, metadata: {name: a.example.com}, spec: {}}',
      message: 'Host: `spec.namespace` must be there, but is missing',
    },
    'a Host that is reserved by a word': {
      text: '{apiVersion: waymark.dev/v1, kind: Host, metadata: {name: a.example.com}, spec: {namespace: a, reserved: "true"}}',
      message: 'Host: `spec.reserved` must be a boolean, but is a string',
    },
    'a Host that is there twice': {
      text: Array.from(
        { length: 2 },
        (_, i) => `{apiVersion: waymark.dev/v1, kind: Host, metadata: {name: a.example.com}, spec: {namespace: a${i}}}`,
      ).join('\n---\n'),
      message: 'Host a.example.com must be there once, but is also at shop.yaml:1:',
    },
    'a port of a Service that is text': {
      text: '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: http}]}}',
      message: 'Service: `spec.ports[0].port` must be a whole number, but is a string',
    },
    'an object that is there twice': {
      text: `${deployment('a')}---\n${deployment('a')}`,
      message: 'shop.yaml:11:9: Deployment a must be there once, but is also at shop.yaml:4:9',
    },
  };

  it.each(Object.entries(cases))('is refused for %s, with its place', (_, { text, message }) => {
    const making = () => world(text);

    expect(making).toThrow(Failure);
    expect(making).toThrow(message);
  });

  it('is refused with all that is wrong', () => {
    const text = `${deployment('a').replace('name: a', 'name: 1')}---\n${deployment('b').replace('name: b', 'name: 2')}`;

    expect(() => world(text)).toThrow(/the number 1\n.*the number 2/);
  });
});
