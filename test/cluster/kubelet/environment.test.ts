import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expand, fieldOf } from './environment.ts';
import { programOf } from './image-program.ts';
import { fileSystemsOf } from './launch-script.ts';
import type { Container, Pod } from './objects.ts';
import { isMissing } from './objects.ts';
import { resourceField } from './quantity.ts';

describe('expansion', () => {
  const variables = { ONE: '1', EMPTY: '', NESTED: '$(ONE)', 'with.dot': 'dot' };
  const cases: Record<string, { text: string; becomes: string }> = {
    'a variable becomes its value': { text: 'a $(ONE) b', becomes: 'a 1 b' },
    'an empty value is a value': { text: '[$(EMPTY)]', becomes: '[]' },
    'an unknown variable stays as it is written': { text: '$(TWO)', becomes: '$(TWO)' },
    'a name of every object is not a variable': { text: '$(constructor)', becomes: '$(constructor)' },
    'a doubled dollar is one dollar and expands nothing': { text: '$$(ONE)', becomes: '$(ONE)' },
    'four dollars are two': { text: '$$$$(ONE)', becomes: '$$(ONE)' },
    'three dollars are one, then the value': { text: '$$$(ONE)', becomes: '$1' },
    'what was put in is not expanded again': { text: '$(NESTED)', becomes: '$(ONE)' },
    'other dollars stay': { text: '$ONE $1 $', becomes: '$ONE $1 $' },
    'an open parenthesis stays': { text: '$(ONE', becomes: '$(ONE' },
    'names may hold dots and dashes': { text: '$(with.dot)', becomes: 'dot' },
  };

  it.each(Object.entries(cases))('%s', (_, { text, becomes }) => {
    expect(expand(text, variables)).toBe(becomes);
  });

  it('gives back any text whose dollars were doubled', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'ONE', 'x') }), text => {
        expect(expand(text.replaceAll('$', '$$$$'), variables)).toBe(text);
      }),
    );
  });
});

describe('fields of a pod', () => {
  const pod = {
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u',
      labels: { b: '2', a: '1' },
      annotations: { 'x.dev/y': 'z"' },
    },
    spec: { containers: [] },
  } as unknown as Pod;
  const placement = { nodeName: 'node', nodeAddress: '10.0.0.2', podAddress: '10.244.1.2' };
  const cases: Record<string, { path: string; value: string | undefined }> = {
    'one label': { path: "metadata.labels['b']", value: '2' },
    'a label that is not there is empty': { path: "metadata.labels['c']", value: '' },
    'an annotation with a slash in its key': { path: "metadata.annotations['x.dev/y']", value: 'z"' },
    'all labels, sorted and quoted': { path: 'metadata.labels', value: 'a="1"\nb="2"' },
    'the account is default where none is named': { path: 'spec.serviceAccountName', value: 'default' },
    'an address': { path: 'status.podIPs', value: '10.244.1.2' },
    'no such field': { path: 'spec.containers', value: undefined },
  };

  it.each(Object.entries(cases))('%s', (_, { path, value }) => {
    expect(fieldOf(path, pod, placement)).toBe(value);
  });
});

describe('resources of a container', () => {
  const resources = { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '7m', memory: '1e6' } };
  const container: Container = { name: 'main', resources };
  const cases: Record<string, { resource: string; divisor?: string; value: string | undefined }> = {
    'cores are rounded up': { resource: 'limits.cpu', value: '2' },
    'a divisor of 0 is none': { resource: 'limits.cpu', divisor: '0', value: '2' },
    'thousandths are exact': { resource: 'requests.cpu', divisor: '1m', value: '7' },
    'memory in bytes': { resource: 'limits.memory', value: String(64 * 2 ** 20) },
    'memory in other units': { resource: 'limits.memory', divisor: '1Mi', value: '64' },
    'an exponent': { resource: 'requests.memory', divisor: '1k', value: '1000' },
    'another resource': { resource: 'limits.gpu', value: undefined },
  };

  it.each(Object.entries(cases))('%s', (_, { resource, divisor, value }) => {
    expect(resourceField(container, resource, divisor)).toBe(value);
  });
});

describe('images', () => {
  const program = { command: ['run'] };
  const images = { echo: program, 'host:5000/team/echo': program };

  it.each(['echo', 'echo:1', 'echo@sha256:0a', 'echo:1@sha256:0a', 'host:5000/team/echo', 'host:5000/team/echo:1'])(
    '%s is known',
    image => {
      expect(programOf(image, images)).toBe(program);
    },
  );

  it.each(['team/echo', 'echo2', 'toString', ''])('%s is not, and is said to be missing', image => {
    expect(isMissing(programOf(image, images))).toBe(true);
  });
});

it('file systems are those that hold files, once each, the outer before the inner', () => {
  const mountinfo = [
    '22 1 254:0 / / rw - ext4 /dev/vda rw',
    '23 22 0:21 / /proc rw - proc proc rw',
    '24 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup rw',
    '25 22 0:23 / /dev/shm rw - tmpfs tmpfs rw',
    '26 22 254:1 / /home/user/data rw shared:7 - ext4 /dev/vdb rw',
    '27 22 254:1 / /home rw - ext4 /dev/vdb rw',
    '28 22 254:1 / /home rw - tmpfs tmpfs rw',
    '29 22 254:1 / /media/a\\040disk rw - ext4 /dev/vdc rw',
    '30 22 254:1 / /developer rw - ext4 /dev/vdc rw',
    '',
  ].join('\n');

  expect(fileSystemsOf(mountinfo)).toEqual(['/developer', '/home', '/home/user/data']);
});
