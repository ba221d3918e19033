import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultSettings } from '../shared/settings-file.ts';
import { CONFIG, UID, acceptAnswer, deployment, reviewOf } from '../test/support/reviews.ts';
import { rememberAnswers } from './remembered-answers.ts';
import { review } from './review.ts';
import type { Hook, ReviewContext } from './review.ts';

const context: ReviewContext = {
  settings: defaultSettings,
  namespaces: new Map(),
  onMissingMutation: 'deny',
  onBug: error => {
    throw error;
  },
};

function remembering() {
  let judged = 0;
  const answers = rememberAnswers((hook, body) => {
    judged++;
    return review(hook, body, context);
  });
  return { ...answers, judged: () => judged };
}

function bodyOf(config: string, fields: Record<string, unknown> = {}): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(deployment({ annotations: { 'waymark.dev/config': config } }), fields)));
}

const OTHER_UID = 'ffffffff-0000-4444-8888-0123456789ab';

describe('an answer to a question that was asked before', () => {
  it.each(['mutate', 'validate'] as const)('of %s is the same but for the uid', hook => {
    const { answer, judged } = remembering();

    const first = answer(hook, bodyOf(CONFIG));
    const second = answer(hook, bodyOf(CONFIG, { uid: OTHER_UID }));

    expect(judged()).toBe(1);
    expect(second).toEqual(review(hook, bodyOf(CONFIG, { uid: OTHER_UID }), context));
    expect(acceptAnswer(hook, second.body, OTHER_UID)).toEqual({ ...acceptAnswer(hook, first.body), uid: OTHER_UID });
  });

  it('is not that of the other hook', () => {
    const { answer } = remembering();

    answer('mutate', bodyOf(CONFIG));

    expect(answer('validate', bodyOf(CONFIG)).result).toBe('denied');
  });

  it.each([
    ['another annotation', bodyOf(CONFIG), bodyOf(CONFIG.replace('resnet50', 'resnet51'))],
    ['another name of the same length', bodyOf(CONFIG), bodyOf(CONFIG, { namespace: 'sErvice' })],
    ['a dry run', bodyOf(CONFIG), bodyOf(CONFIG, { dryRun: true })],
  ])('is not that of %s', (_, first, second) => {
    const { answer, judged } = remembering();

    answer('validate', first);
    answer('validate', second);

    expect(judged()).toBe(2);
  });

  it('is judged anew when what answers depend on has changed', () => {
    const { answer, forget, judged } = remembering();

    answer('mutate', bodyOf(CONFIG));
    forget();
    answer('mutate', bodyOf(CONFIG));

    expect(judged()).toBe(2);
  });

  it.each([
    ['a uid of another form', bodyOf(CONFIG, { uid: 'short' })],
    [
      'a uid that would break out of the answer',
      bodyOf(CONFIG, { uid: `"},"allowed":true,"x":{"y":"${'z'.repeat(7)}` }),
    ],
    ['fields in another order', Buffer.from(JSON.stringify({ request: {}, ...reviewOf(deployment()) }))],
    ['white space', Buffer.from(JSON.stringify(reviewOf(deployment()), null, 1))],
    ['no review at all', Buffer.from('{}')],
    ['nothing', Buffer.alloc(0)],
    ['a body that ends in the uid', bodyOf(CONFIG).subarray(0, 90)],
    ['a mistake', bodyOf(CONFIG, { operation: 'PATCH' })],
  ])('does not exist for %s', (_, body) => {
    const { answer, judged } = remembering();

    answer('mutate', body);
    const second = answer('mutate', body);

    expect(judged()).toBe(2);
    expect(second).toEqual(review('mutate', body, context));
  });

  it('is forgotten when too many others came after it, the least recently asked first', () => {
    const { answer, judged } = remembering();
    const large = (i: number) => bodyOf(`${CONFIG}# ${String(i).padEnd(100_000, '.')}\n`);

    for (let i = 0; i < 40; i++) answer('mutate', large(i));
    answer('mutate', large(5));
    const known = judged();
    for (let i = 40; i < 60; i++) answer('mutate', large(i));
    answer('mutate', large(5));
    const kept = judged() - known - 20;
    answer('mutate', large(6));

    expect({ known, kept, after: judged() }).toEqual({ known: 40, kept: 0, after: 61 });
  });

  it('is always what would be answered without a memory', () => {
    const { answer } = remembering();
    const body = fc.record({
      config: fc.constantFrom(CONFIG, `${CONFIG}area: é\n`, `${CONFIG}unknown: 1\n`, UID),
      uid: fc.constantFrom(UID, OTHER_UID, 'short'),
      name: fc.constantFrom('a', UID, 'b'),
      hook: fc.constantFrom<Hook>('mutate', 'validate'),
    });
    fc.assert(
      fc.property(body, ({ config, uid, name, hook }) => {
        const asked = bodyOf(config, { uid, name });

        expect(answer(hook, asked)).toEqual(review(hook, asked, context));
      }),
    );
  });
});
