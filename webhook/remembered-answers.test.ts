import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { CONFIG, CONTEXT, UID, acceptAnswer, deployment, reviewOf } from '../test/support/reviews.ts';
import { rememberAnswers } from './remembered-answers.ts';
import { review } from './review.ts';
import type { Hook } from './review.ts';

/** `known`: asked twice already, and so remembered. */
function remembering(known: readonly (readonly [Hook, Buffer])[] = []) {
  let judged = 0;
  const answers = rememberAnswers((hook, body) => {
    judged++;
    return review(hook, body, CONTEXT);
  });
  for (const [hook, body] of [...known, ...known]) answers.answer(hook, body);
  judged = 0;
  return { ...answers, judged: () => judged };
}

function bodyOf(config: string, fields: Record<string, unknown> = {}): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(deployment({ annotations: { 'waymark.dev/config': config } }), fields)));
}

const OTHER_UID = 'ffffffff-0000-4444-8888-0123456789ab';

describe('an answer to a question that was asked before', () => {
  it.each(['mutate', 'validate'] as const)('of %s is the same but for the uid', hook => {
    const { answer, judged } = remembering([[hook, bodyOf(CONFIG)]]);

    const first = answer(hook, bodyOf(CONFIG));
    const second = answer(hook, bodyOf(CONFIG, { uid: OTHER_UID }));

    expect(judged()).toBe(0);
    expect(second).toEqual(review(hook, bodyOf(CONFIG, { uid: OTHER_UID }), CONTEXT));
    expect(acceptAnswer(hook, second.body, OTHER_UID)).toEqual({ ...acceptAnswer(hook, first.body), uid: OTHER_UID });
  });

  it('is kept from the second time on: most questions come only once', () => {
    const { answer, judged } = remembering();

    for (let i = 0; i < 4; i++) answer('mutate', bodyOf(CONFIG));

    expect(judged()).toBe(2);
  });

  it('is not that of the other hook', () => {
    const { answer } = remembering([['mutate', bodyOf(CONFIG)]]);

    expect(answer('validate', bodyOf(CONFIG)).result).toBe('denied');
  });

  it.each([
    ['another annotation', bodyOf(CONFIG), bodyOf(CONFIG.replace('resnet50', 'resnet51'))],
    ['another name of the same length', bodyOf(CONFIG), bodyOf(CONFIG, { namespace: 'sErvice' })],
    ['a dry run', bodyOf(CONFIG), bodyOf(CONFIG, { dryRun: true })],
  ])('is not that of %s', (_, first, second) => {
    const { answer, judged } = remembering([['validate', first]]);

    answer('validate', second);

    expect(judged()).toBe(1);
  });

  it('is not that of another question with the same sum', () => {
    const [first, second] = ['plumless', 'buckeroo'].map(namespace => bodyOf(CONFIG, { namespace }));
    const { answer, judged } = remembering([['validate', first ?? Buffer.alloc(0)]]);

    const outcome = answer('validate', second ?? Buffer.alloc(0));

    expect(crc32('plumless')).toBe(crc32('buckeroo'));
    expect({ judged: judged(), namespace: outcome.namespace }).toEqual({ judged: 1, namespace: 'buckeroo' });
  });

  it('is judged anew when what answers depend on has changed', () => {
    const { answer, forget, judged } = remembering([['mutate', bodyOf(CONFIG)]]);

    forget();
    answer('mutate', bodyOf(CONFIG));

    expect(judged()).toBe(1);
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
    const { answer, judged } = remembering([['mutate', body]]);

    const again = answer('mutate', body);

    expect(judged()).toBe(1);
    expect(again).toEqual(review('mutate', body, CONTEXT));
  });

  it('is forgotten when too many others came after it, the least recently asked first', () => {
    const large = (i: number) => bodyOf(`${CONFIG}# ${String(i).padEnd(100_000, '.')}\n`);
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    const { answer, judged } = remembering(numbers(0, 40).map(i => ['mutate', large(i)]));

    answer('mutate', large(5));
    for (const i of numbers(40, 60)) for (let times = 0; times < 2; times++) answer('mutate', large(i));
    const before = judged();
    answer('mutate', large(5));
    const kept = judged();
    answer('mutate', large(6));

    expect({ before, kept, after: judged() }).toEqual({ before: 40, kept: 40, after: 41 });
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

        expect(answer(hook, asked)).toEqual(review(hook, asked, CONTEXT));
      }),
    );
  });
});
