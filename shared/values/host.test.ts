import { describe, expect, it } from '@jest/globals';
import { isDnsLabel, isDnsName, isServiceName, isUnder } from './dns.ts';
import { readHost } from './host.ts';

describe('a host', () => {
  it.each([
    ['resnet.example.com', 'resnet.example.com', false],
    ['ResNet.Example.com.', 'resnet.example.com', true],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', false],
    [`${'a'.repeat(63)}.example.com`, `${'a'.repeat(63)}.example.com`, false],
  ])('%s is read as %s', (text, host, folded) => {
    expect(readHost(text)).toEqual({ host, folded });
  });

  const refused: Record<string, [text: string, must: string, fix: string]> = {
    'a port': ['resnet.example.com:8501', 'must be a host without port', "write 'resnet.example.com'"],
    'a path': ['resnet.example.com/v1', 'must be a host without scheme and path', "write 'resnet.example.com'"],
    'a scheme': ['https://resnet.example.com', 'must be a host without scheme and path', "write 'resnet.example.com'"],
    'an IPv4 address': [
      '10.0.0.1',
      'must be a DNS name, not an IP address',
      "write a name such as 'resnet.example.com'",
    ],
    'an IPv6 address': [
      '[fd00::1]',
      'must be a DNS name, not an IP address',
      "write a name such as 'resnet.example.com'",
    ],
    'one label, which Istio would take for a Service': [
      'resnet',
      'must have at least two labels with a dot between',
      "write a name such as 'resnet.example.com'",
    ],
    'letters that are not ASCII (S-02)': [
      '模型.example.com',
      "must be written in ASCII, other letters as punycode ('xn--…')",
      "write a name such as 'resnet.example.com'",
    ],
    'an underscore': [
      'res_net.example.com',
      'must be a DNS name: labels of at most 63 letters, digits and dashes, with dots between',
      "write a name such as 'resnet.example.com'",
    ],
  };

  it.each(Object.entries(refused))('with %s is refused', (_, [text, must, fix]) => {
    expect(readHost(text)).toEqual({ must, fix });
  });

  it.each(['*', '*.example.com', 'a*.example.com'])('%s is a wildcard', text => {
    expect(readHost(text)).toEqual({ wildcard: true });
  });

  it('is decided in less than a millisecond for each KiB, whatever it is (S-02)', () => {
    const hostile = [
      'a.'.repeat(512),
      '-'.repeat(1024),
      '1.'.repeat(512),
      ':'.repeat(1024),
      `${':'.repeat(1023)}!`,
      'a'.repeat(1024),
      'a/'.repeat(512),
    ];
    const start = process.cpuUsage().user;
    for (let round = 0; round < 100; round++) hostile.forEach(readHost);

    expect((process.cpuUsage().user - start) / 1000 / 700).toBeLessThan(1);
  });
});

describe('names', () => {
  it.each([
    ['a', true, true, true],
    ['a-1', true, true, true],
    ['1a', true, false, true],
    ['a.b', false, false, true],
    ['-a', false, false, false],
    ['a-', false, false, false],
    ['A', false, false, false],
    ['', false, false, false],
    ['a'.repeat(64), false, false, false],
    ['a.1', false, false, false],
    [`${'a.'.repeat(127)}a`, false, false, false],
  ])('%s: label %s, Service %s, DNS name %s', (text, label, service, name) => {
    expect([isDnsLabel(text), isServiceName(text), isDnsName(text)]).toEqual([label, service, name]);
  });

  it('lie under a suffix by whole labels', () => {
    expect(isUnder('a.example.com', 'example.com')).toBe(true);
    expect(isUnder('example.com', 'example.com')).toBe(true);
    expect(isUnder('notexample.com', 'example.com')).toBe(false);
  });
});
