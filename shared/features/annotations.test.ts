import { describe, expect, it } from '@jest/globals';
import { deployment } from '../../test/support/deployments.ts';
import { brief, context, mapping } from '../../test/support/readings.ts';
import { read } from '../read.ts';

describe('the annotations of a Deployment', () => {
  const withKeys = (annotations: Record<string, string>) =>
    read(deployment('shop/web', { annotations }), context()).findings.map(one => `${brief(one)}; ${one.fix}`);

  it.each([
    [
      'a misspelt key',
      { 'waymark.dev/confg': '' },
      "AnnotationUnknown metadata.annotations['waymark.dev/confg']; write `waymark.dev/config`",
    ],
    ['a key of nobody', { 'waymark.dev/x': '' }, "AnnotationUnknown metadata.annotations['waymark.dev/x']; delete it"],
    [
      'a key that has no more than the prefix in common with ours',
      { 'waymark.dev/hosts': '' },
      "AnnotationUnknown metadata.annotations['waymark.dev/hosts']; delete it",
    ],
    [
      'a setting of a Namespace',
      { 'waymark.dev/environment': 'test' },
      "AnnotationUnknown metadata.annotations['waymark.dev/environment']; write it on the Namespace, whose setting it is",
    ],
    [
      'a switch that is neither',
      { 'waymark.dev/paused': 'yes' },
      'AnnotationValueWrong metadata.annotations[\'waymark.dev/paused\']; write "true", in quotes',
    ],
    [
      'a pin in other words',
      { 'waymark.dev/active': 'True' },
      'AnnotationValueWrong metadata.annotations[\'waymark.dev/active\']; write "true", in quotes',
    ],
    [
      'a pin that says nothing',
      { 'waymark.dev/active': '' },
      'AnnotationValueWrong metadata.annotations[\'waymark.dev/active\']; write "true", in quotes',
    ],
  ])('%s', (_, annotations, expected) => {
    expect(withKeys(annotations)).toEqual([expected]);
  });

  it('that are good', () => {
    expect(
      withKeys({
        'waymark.dev/paused': 'true',
        'waymark.dev/active': 'true',
        'waymark.dev/injected': '{}',
        'example.com/waymark.dev': 'x',
      }),
    ).toEqual([]);
  });

  it('both', () => {
    const both = { 'waymark.dev/config': mapping(), 'getambassador.io/config': mapping() };
    const { findings, intent } = read(deployment('shop/web', { annotations: both }), context());

    expect(findings.map(brief)).toEqual(["BothAnnotations metadata.annotations['getambassador.io/config']"]);
    expect(intent).toBeUndefined();
  });
});
