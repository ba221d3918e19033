import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deployment } from '../../test/support/deployments.ts';
import { brief, context, service } from '../../test/support/readings.ts';
import { read } from '../read.ts';
import { expectedName, versionDigits } from './identity.ts';

describe('the name that a Deployment must have', () => {
  it.each([
    ['v2024.05.01', 'prod', 'tfserving-resnet50-20240501'],
    ['v2024.05.01', 'test', 'test-tfserving-resnet50-20240501'],
    ['1', 'debug', 'debug-tfserving-resnet50-1'],
    ['release-7_rc2', 'prod', 'tfserving-resnet50-72'],
  ] as const)('of version %s in %s is %s', (version, environment, expected) => {
    expect(expectedName({ type: 'tfserving', model: 'resnet50', version, environment })).toBe(expected);
  });

  it('keeps of a version its digits, in order', () => {
    fc.assert(
      fc.property(fc.string(), version => {
        expect(versionDigits(version)).toMatch(/^\d*$/);
        expect(versionDigits(versionDigits(version))).toBe(versionDigits(version));
      }),
    );
  });
});

describe('the rule of names', () => {
  function naming(name: string, ...lines: string[]) {
    return read(deployment(`shop/${name}`, { config: service(...lines) }), context());
  }

  it.each([
    ['tfserving-resnet50-20240501', [], []],
    ['tfserving-resnet50-20240601', [], ['`version` 5:10']],
    ['torch-server-resnet50-20240501', [], ['`type` 3:7']],
    ['tfserving-bert-20240501', [], ['`model` 4:8']],
    ['web', [], ['`type` 3:7', '`model` 4:8', '`version` 5:10']],
    ['test-tfserving-resnet50-20240501', ['environment: test'], []],
    ['tfserving-resnet50-20240501', ['environment: test'], ['`environment` 6:14']],
    ['debug-tfserving-resnet50-20240501', ['environment: test'], ['`environment` 6:14']],
    ['test-tfserving-resnet50-20240501', [], []],
  ])('points from the name %s with %j at the fields that disagree: %j', (name, lines, fields) => {
    const related = naming(name, ...lines).naming.flatMap(one => one.related);

    expect(
      related.map(
        ({ message, site }) =>
          `${message} ${site.in === 'annotation' ? `${site.start.line}:${site.start.column}` : ''}`,
      ),
    ).toEqual(fields);
  });

  it('is told apart from what is wrong in the text, which is acted on (R-04)', () => {
    const { intent, findings, naming: rule } = naming('web');

    expect(rule.map(brief)).toEqual(['NameMismatch metadata.name']);
    expect(rule[0]?.must).toBe("must be 'tfserving-resnet50-20240501'");
    expect(findings).toEqual([]);
    expect(intent).toBeDefined();
  });

  it('leaves room for a name behind it, and cuts nothing (R-05)', () => {
    const model = 'm'.repeat(36);
    const name = `tfserving-${model}-20240501`;
    const config = service().replace('resnet50', model);
    const rule = (at: string, text: string) =>
      read(deployment(`shop/${at}`, { config: text }), context()).naming.map(brief);

    expect(name).toHaveLength(55);
    expect(rule(name, config)).toEqual(['NameTooLong metadata.name']);
    expect(rule(name.replace('mm', 'm'), config.replace('mm', 'm'))).toEqual([]);
  });

  it('says nothing where the fields that make the name are not all there', () => {
    const config = 'apiVersion: waymark.dev/v1\nkind: InferenceService\n';

    expect(read(deployment('shop/web', { config }), context()).naming).toEqual([]);
  });
});
