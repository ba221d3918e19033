import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deployment } from '../../test/support/deployments.ts';
import { context } from '../../test/support/readings.ts';
import type { Finding } from '../findings/finding.ts';
import { nameOf } from '../findings/finding.ts';
import { read } from '../read.ts';
import { isServiceName } from '../values/dns.ts';
import { expectedName } from './identity.ts';
import { serviceNameHint, shorterHint } from './rename-hints.ts';

function text(type: string, model: string, version: string, ...more: readonly string[]): string {
  const fields = [`type: ${type}`, `model: ${model}`, `version: ${version}`, ...more];
  return ['apiVersion: waymark.dev/v1', 'kind: InferenceService', ...fields, ''].join('\n');
}

function namingOf(name: string, config: string): readonly Finding[] {
  return read(deployment(`shop/${name}`, { config }), context()).naming;
}

describe('the hint for a name that is wrong', () => {
  const resnet = (version: string, ...more: string[]) => text('tfserving', 'resnet50', version, ...more);

  it.each<[string, string, string, string]>([
    ['is the line with the right one', 'web', resnet('v2024.05.01'), 'write `name: tfserving-resnet50-20240501`'],
    [
      'or the environment, where the name only lacks its prefix',
      'tfserving-resnet50-20240501',
      resnet('v2024.05.01', 'environment: test'),
      'write `name: test-tfserving-resnet50-20240501`, or `environment: prod`',
    ],
    [
      'or the environment, where the name has the prefix of another',
      'debug-tfserving-resnet50-20240501',
      resnet('v2024.05.01', 'environment: test'),
      'write `name: test-tfserving-resnet50-20240501`, or `environment: debug`',
    ],
    [
      'or the environment, where the name has a prefix and must have none',
      'test-tfserving-resnet50-20240501',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`, or `environment: test`',
    ],
    [
      'or the version, in the form that it is written in',
      'tfserving-resnet50-20240601',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`, or `version: v2024.06.01`',
    ],
    [
      'or the version, in quotes where it would be a number',
      'tfserving-resnet50-202406',
      resnet("'2024.05'"),
      "write `name: tfserving-resnet50-202405`, or `version: '2024.06'`",
    ],
    [
      'or the version, behind a v where it has more digits',
      'tfserving-resnet50-2024060112',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`, or `version: v2024060112`',
    ],
    [
      'or the model',
      'tfserving-resnet101-v2-20240501',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`, or `model: resnet101-v2`',
    ],
    [
      'or the type',
      'triton-server-resnet50-20240501',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`, or `type: triton-server`',
    ],
    [
      'and nothing else where two fields disagree',
      'triton-server-resnet50-20240601',
      resnet('v2024.05.01'),
      'write `name: tfserving-resnet50-20240501`',
    ],
  ])('%s', (_, name, config, fix) => {
    expect(namingOf(name, config).map(one => [nameOf(one), one.fix])).toEqual([['NameMismatch', fix]]);
  });

  it.each<[string, string, string]>([
    [
      'is a shorter model, cut at a dash',
      text('serving', 'a-model-whose-name-goes-on-for-much-too-long', 'v2024.05.01'),
      'write `model: a-model-whose-name-goes-on-for-much` and `name: serving-a-model-whose-name-goes-on-for-much-20240501`',
    ],
    [
      'is a shorter model, cut anywhere where it has no dash',
      text('serving', 'm'.repeat(60), 'v1'),
      `write \`model: ${'m'.repeat(44)}\` and \`name: serving-${'m'.repeat(44)}-1\``,
    ],
    [
      'is another field where no model would do',
      text('serving', 'm', `v${'1'.repeat(60)}`),
      'shorten `type`, or the digits of `version`',
    ],
  ])('that is too long %s', (_, config, fix) => {
    expect(namingOf('web', config).map(one => [nameOf(one), one.fix])).toEqual([['NameTooLong', fix]]);
  });

  const web = { type: 'serving', model: 'web', version: 'v1', environment: 'prod' } as const;

  it.each([
    ['web.v1', undefined, 'write `name: web-v1`'],
    ['1-Web_', undefined, 'write `name: web`'],
    ['1', undefined, "write a name such as 'web'"],
    ['web.v1', web, 'write `name: serving-web-1`'],
    ['3d-web-1', { ...web, type: '3d' }, 'begin `type` with a letter, and the name with it'],
    [
      'w'.repeat(64),
      { ...web, model: 'w'.repeat(64) },
      `write \`model: ${'w'.repeat(44)}\` and \`name: serving-${'w'.repeat(44)}-1\``,
    ],
  ])('that no Service can have: %s', (name, identity, fix) => {
    expect(serviceNameHint(name, identity)).toBe(fix);
  });
});

describe('hints (R-05)', () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  const identity = fc.record({
    type: label,
    model: label,
    version: fc.stringMatching(/^v\d{1,10}$/),
    environment: fc.constantFrom('prod', 'test', 'debug'),
  });

  it('for too long a name give one that is right', () => {
    fc.assert(
      fc.property(identity, fc.stringMatching(/^[a-z][a-z0-9-]{48,60}[a-z0-9]$/), (short, model) => {
        const one = { ...short, type: short.type.slice(0, 20).replace(/-+$/, ''), model };
        const [, shorter = '', name] = /^write `model: (.*)` and `name: (.*)`$/.exec(shorterHint(one)) ?? [];

        expect(name).toBe(expectedName({ ...one, model: shorter }));
        expect(name?.length).toBeLessThanOrEqual(54);
        expect(isServiceName(name ?? '')).toBe(true);
      }),
    );
  });

  it('taken up, leave nothing to say', () => {
    fc.assert(
      fc.property(identity, label, (one, name) => {
        fc.pre(expectedName(one).length <= 54);
        const config = text(one.type, one.model, one.version, `environment: ${one.environment}`);
        const [first] = namingOf(name, config);
        const hint = /`name: ([^`]*)`/.exec(first?.fix ?? '')?.[1] ?? name;

        expect(namingOf(hint, config)).toEqual([]);
      }),
    );
  });
});
