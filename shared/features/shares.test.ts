import { describe, expect, it } from '@jest/globals';
import { brief, context, namespace, readText, service } from '../../test/support/readings.ts';

const GRANTED = context({}, namespace('tools', { 'waymark.dev/allow-traffic-from': 'shop' }), namespace('closed'));

function sharesIn(line: string): readonly string[] | undefined {
  const { intent } = readText(service(line), GRANTED);
  return intent?.service?.[line.startsWith('mirror') ? 'mirror' : 'split'].map(
    share => `${share.namespace}/${share.name} ${share.percent}`,
  );
}

describe('split and mirror are read', () => {
  it.each<[string, string[]]>([
    ['split: {tfserving-a-1: 20, tfserving-b-1: 30%}', ['shop/tfserving-a-1 20', 'shop/tfserving-b-1 30']],
    ['split: tfserving-a-1:20%,tfserving-b-1:30%', ['shop/tfserving-a-1 20', 'shop/tfserving-b-1 30']],
    ['split: tfserving-a-1=20; tfserving-b-1 = 30', ['shop/tfserving-a-1 20', 'shop/tfserving-b-1 30']],
    ['split: {tools/web: 20}', ['tools/web 20']],
    ['split: tools/web:20%', ['tools/web 20']],
    ['split: {shop/web: 20}', ['shop/web 20']],
    ['split: {a: 100}', ['shop/a 100']],
    ['split: {a: 60, b: 40}', ['shop/a 60', 'shop/b 40']],
    ['split: {a: 0}', ['shop/a 0']],
    ['split: {a: "%20"}', ['shop/a 20']],
    ['split: {}', []],
    ['mirror: {a: 100, b: 100}', ['shop/a 100', 'shop/b 100']],
  ])('%s', (line, expected) => {
    expect(sharesIn(line)).toEqual(expected);
  });
});

describe('split and mirror are refused', () => {
  it.each<[string, string, string[]]>([
    ['more than 100% in all, at the field (P11)', 'split: {a: 60, b: 41}', ['PercentSum 6:8 split']],
    ['more than 100% for one', 'split: {a: 101}', ['ValueWrong 6:12 split.a']],
    ['less than 0', 'split: a:-1%', ['ValueWrong 6:10 split.a']],
    ['a part of a percent', 'split: a:20.5%', ['ValueWrong 6:10 split.a']],
    ['no percentage', 'split: a', ['ValueWrong 6:8 split[0]']],
    ['an empty item', 'split: a:20%,', ['ItemEmpty 6:14 split[1]']],
    [
      'the service itself',
      'split: {tfserving-resnet50-20240501: 20}',
      ['TargetSelf 6:9 split.tfserving-resnet50-20240501'],
    ],
    [
      'the service itself with its namespace',
      'mirror: {shop/tfserving-resnet50-20240501: 20}',
      ['TargetSelf 6:10 mirror.shop/tfserving-resnet50-20240501'],
    ],
    ['a target twice, in a text', 'split: a:20%,a:30%', ['ItemRepeated 6:14 split.a']],
    ['a target twice, in a map', 'split: {a: 20, a: 30}', ['DuplicateKey 6:16']],
    ['a target twice, once with its namespace', 'split: {a: 20, shop/a: 30}', ['ItemRepeated 6:16 split.shop/a']],
    [
      'a namespace that does not allow it (S-13)',
      'split: {closed/web: 20}',
      ['TargetNotPermitted 6:9 split.closed/web'],
    ],
    ['a namespace that nobody knows (S-13)', 'mirror: {gone/web: 20}', ['TargetNotPermitted 6:10 mirror.gone/web']],
    ['a DNS name', 'split: {web.tools.svc: 20}', ['ValueWrong 6:9 split.web.tools.svc']],
    ['a name that can be no Service', 'split: {Web_1: 20}', ['ValueWrong 6:9 split.Web_1']],
    ['three parts', 'split: {a/b/c: 20}', ['ValueWrong 6:9 split.a/b/c']],
    ['a list', 'split: [a, b]', ['TypeWrong 6:8 split']],
    ['a number', 'split: 20', ['TypeWrong 6:8 split']],
    ['a bare word for the percentage', 'split: {a: all}', ['ValueWrong 6:12 split.a']],
    [
      'an upgrade that is none',
      'upgrade: {strategy: rolling, bake: 10}',
      ['ValueWrong 6:21 upgrade.strategy', 'TypeWrong 6:36 upgrade.bake'],
    ],
    ['an upgrade in one word', 'upgrade: replace', ['TypeWrong 6:10 upgrade']],
    ['an unknown field of it', 'upgrade: {bakes: 10s}', ['FieldUnknown 6:11 upgrade.bakes']],
  ])('%s', (_, line, expected) => {
    const { findings, intent } = readText(service(line), GRANTED);

    expect(findings.map(brief)).toEqual(expected);
    expect(intent === undefined).toBe(!expected.every(each => each.startsWith('TargetNotPermitted')));
  });

  it('say what to write', () => {
    const fixes = (line: string) => readText(service(line), GRANTED).findings;

    expect(fixes('split: {a: 70, b: 41}')[0]?.fix).toBe('take 11% off');
    expect(fixes('split: {web.tools.svc.cluster.local: 20}')[0]?.fix).toBe('write `tools/web`');
    expect(fixes('split: {closed/web: 20}')[0]?.fix).toContain('waymark.dev/allow-traffic-from: shop');
  });
});

describe('an upgrade', () => {
  it('is what is written, and else the platform’s', () => {
    const settings = context({ upgrade: { strategy: 'coexist', bake: 5000, drain: 7000 } });
    const upgradeOf = (line: string) => readText(service(line), settings).intent?.service?.upgrade;

    expect(upgradeOf('')).toEqual({ strategy: 'coexist', bake: 5000, drain: 7000 });
    expect(upgradeOf('upgrade: {strategy: replace, drain: 0s}')).toEqual({ strategy: 'replace', bake: 5000, drain: 0 });
  });
});
