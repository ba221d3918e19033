import { describe, expect, it } from '@jest/globals';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import type { Policy } from '../shared/settings.ts';
import { CONFIG, CONTEXT, UID, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { review } from './review.ts';
import type { Hook, ReviewContext } from './review.ts';

const TEXT = `${CONFIG}replicas: {min: 2, max: 10}\nmetrics: cpu:500m\n`;
const FACTS = { ...NO_FACTS, isAutoscaled: () => true };

const under = (policy: Policy, more: Partial<ReviewContext> = {}): ReviewContext => ({
  ...CONTEXT,
  facts: FACTS,
  settings: { ...defaultSettings, policy },
  ...more,
});

/** As the API server writes sizes; `null` is what Go makes of one that is not set. */
function sized(replicas: number | null, object: object = deployment({ annotations: { 'waymark.dev/config': TEXT } })) {
  const { metadata, spec } = object as { metadata: object; spec: object };
  return { ...object, metadata: { ...metadata, uid: UID }, spec: { ...spec, replicas } };
}

function ask(hook: Hook, object: unknown, oldObject: unknown, context: ReviewContext) {
  const fields = oldObject === undefined ? {} : { operation: 'UPDATE', oldObject };
  const outcome = review(hook, Buffer.from(JSON.stringify(reviewOf(object, fields))), context);
  return { outcome, response: acceptAnswer(hook, outcome.body) };
}

/** What is stored of a new Deployment, at the size that the autoscaler has given it since. */
function live(context: ReviewContext): object {
  const object = sized(2);
  return sized(7, patchedObject(object, ask('mutate', object, undefined, context).response));
}

describe('R-01, F-03: an update that says the size of the beginning', () => {
  it.each(['enforce', 'warn'] as const)('is turned back under policy %s, with one warning in all', policy => {
    const context = under(policy);
    const stored = live(context);

    const mutated = ask('mutate', sized(2), stored, context);
    const after = patchedObject(sized(2), mutated.response);
    const validated = ask('validate', after, stored, context);

    expect(after).toEqual(stored);
    expect(mutated.response.warnings).toEqual([
      expect.stringMatching(/^WM206 spec\.replicas: .* but is 2; 7 is kept;/),
    ]);
    expect(mutated.outcome.findings).toHaveLength(1);
    expect(validated.response).toEqual({ uid: UID, allowed: true });
  });

  it('is turned back under policy audit, where it is on record and its user is not told', () => {
    const context = under('audit');
    const stored = live(context);

    const { response } = ask('mutate', sized(2), stored, context);

    expect(patchedObject(sized(2), response)).toEqual(stored);
    expect(response.auditAnnotations).toEqual({ findings: 'WM206 ReplicasKept spec.replicas' });
    expect(response).not.toHaveProperty('warnings');
  });

  it('is turned back also where Go has written no size at all', () => {
    const context = under('enforce');
    const stored = live(context);

    expect(patchedObject(sized(null), ask('mutate', sized(null), stored, context).response)).toEqual(stored);
  });

  it('is asked for in a dry run, and answered alike', () => {
    const context = under('enforce');
    const stored = live(context);

    const [real, dry] = [false, true].map(dryRun => {
      const body = reviewOf(sized(2), { operation: 'UPDATE', oldObject: stored, dryRun });
      return review('mutate', Buffer.from(JSON.stringify(body)), context).body;
    });

    expect(dry).toBe(real);
  });
});

describe('W17: a size that the mutating hook has not turned back', () => {
  const reset = (context: ReviewContext) => sized(2, live(context));

  it('is denied by the validating hook, which does not say that it is kept', () => {
    const context = under('enforce');

    const { response } = ask('validate', reset(context), live(context), context);

    expect(response.status?.message).toMatch(/\nWM201 spec\.replicas: /);
    expect(response.warnings).toBeUndefined();
  });

  it('is what its user wrote where the mutating hook may be left out, and nothing is said', () => {
    const context = under('enforce', { onMissingMutation: 'warn' });

    const { response } = ask('validate', reset(context), live(context), context);

    expect(response).toEqual({ uid: UID, allowed: true });
  });
});
