import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONFIG, CONTEXT, UID, acceptAnswer, deployment, reviewOf } from '../test/support/reviews.ts';
import { review } from './review.ts';
import type { Hook, Outcome } from './review.ts';

function ask(hook: Hook, body: unknown): Outcome {
  return review(hook, Buffer.from(JSON.stringify(body)), CONTEXT);
}

function respond(hook: Hook, body: unknown) {
  const outcome = ask(hook, body);
  return { outcome, response: acceptAnswer(hook, outcome.body) };
}

const withConfig = (text: string) => deployment({ annotations: { 'waymark.dev/config': text } });

describe('W19: a body that is no review', () => {
  const object = deployment();
  const known: Record<string, { body: unknown; says: string }> = {
    'another version of reviews': {
      body: { ...reviewOf(object), apiVersion: 'admission.k8s.io/v1beta1' },
      says: 'the body must be an AdmissionReview of admission.k8s.io/v1',
    },
    'another kind': {
      body: { ...reviewOf(object), kind: 'Review' },
      says: 'the body must be an AdmissionReview of admission.k8s.io/v1',
    },
    'no operation': {
      body: reviewOf(object, { operation: 'PATCH' }),
      says: 'the body must hold `request.operation`: CREATE, UPDATE, DELETE, CONNECT',
    },
    'no kind': {
      body: reviewOf(object, { kind: 'Deployment' }),
      says: 'the body must hold `request.kind` with group, version and kind',
    },
    'a name that is a number': {
      body: reviewOf(object, { name: 1 }),
      says: 'the body must hold `request.name`, `request.namespace` and `request.subResource` as strings',
    },
    'a creation without an object': { body: reviewOf(null), says: 'the body must hold `request.object` as an object' },
    'a list for an object': { body: reviewOf([object]), says: 'the body must hold `request.object` as an object' },
    'an update without the old object': {
      body: reviewOf(object, { operation: 'UPDATE' }),
      says: 'the body must hold `request.oldObject` as an object',
    },
    'an annotation that is a number': {
      body: reviewOf({ ...object, metadata: { name: 'a', annotations: { 'waymark.dev/config': 1 } } }),
      says: 'the body must hold `request.object.metadata.annotations` as a map of strings',
    },
    'annotations that are a list': {
      body: reviewOf({ ...object, metadata: { name: 'a', annotations: [] } }),
      says: 'the body must hold `request.object.metadata.annotations` as a map of strings',
    },
    'containers that are text': {
      body: reviewOf({ ...object, spec: { template: { spec: { containers: 'none' } } } }),
      says: 'the body must hold `request.object.spec.template.spec.containers` as a list',
    },
    'a container without a name': {
      body: reviewOf({ ...object, spec: { template: { spec: { containers: [{ name: 'a' }, {}] } } } }),
      says: 'the body must hold `request.object.spec.template.spec.containers[1]` as a container',
    },
    'a port that is text': {
      body: reviewOf({
        ...object,
        spec: { template: { spec: { containers: [{ name: 'a', ports: [{ containerPort: '80' }] }] } } },
      }),
      says: 'the body must hold `request.object.spec.template.spec.containers[0]` as a container',
    },
  };

  it.each(Object.entries(known))('%s is answered by its uid: status 400 and why', (_, { body, says }) => {
    for (const hook of ['mutate', 'validate'] as const) {
      const { outcome, response } = respond(hook, body);

      expect(outcome).toMatchObject({ status: 200, result: 'malformed' });
      expect(response).toEqual({
        uid: UID,
        allowed: false,
        status: { code: 400, reason: 'BadRequest', message: says },
      });
    }
  });

  const unknown: Record<string, unknown> = {
    'no request': { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' },
    'an answer instead of a question': {
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      response: { uid: UID },
    },
    'a uid that is a number': reviewOf(object, { uid: 1 }),
    'an empty uid': reviewOf(object, { uid: '' }),
    'a uid of a thousand characters': reviewOf(object, { uid: 'x'.repeat(1000) }),
    'a uid of two lines': reviewOf(object, { uid: 'a\nb' }),
    'a uid that reorders what is shown behind it': reviewOf(object, { uid: '\u202eab' }),
    'a list': [],
    null: null,
  };

  it.each(Object.entries(unknown))('%s has no uid, and is answered in plain text', (_, body) => {
    expect(ask('validate', body)).toMatchObject({
      status: 400,
      type: 'text/plain; charset=utf-8',
      body: 'the body must hold `request.uid`\n',
      result: 'malformed',
    });
  });

  it('S-06: a key written twice is answered by its uid', () => {
    const body = JSON.stringify(reviewOf(object)).replace('"dryRun":false', '"dryRun":false,"name":"other"');

    const outcome = review('validate', Buffer.from(body), CONTEXT);

    expect(acceptAnswer('validate', outcome.body).status?.message).toBe(
      'the body must not hold a key twice in one object',
    );
  });

  it('bytes that are no UTF-8 are answered by the uid, with their place', () => {
    const text = JSON.stringify(reviewOf(withConfig(`${CONFIG}area: §\n`)));
    const body = Buffer.from(text, 'latin1');

    const outcome = review('validate', body, CONTEXT);

    expect(acceptAnswer('validate', outcome.body).status).toMatchObject({
      code: 400,
      message: `the body must be UTF-8, but byte ${text.indexOf('§')} is not`,
    });
  });

  it('never makes review throw, whatever is put in place of any of its parts', () => {
    const strange = fc.constantFrom<unknown>(null, 0, '', 'x', [], {}, [null], { name: null }, true, '__proto__');
    fc.assert(
      fc.property(
        fc.nat(),
        strange,
        fc.constantFrom<Hook>('mutate', 'validate'),
        fc.boolean(),
        (at, value, hook, update) => {
          const body = reviewOf(
            structuredClone(object),
            update ? { operation: 'UPDATE', oldObject: structuredClone(object) } : {},
          );
          const places = placesIn(body);
          places[at % places.length]?.(value);

          const outcome = ask(hook, body);

          expect([200, 400]).toContain(outcome.status);
          if (outcome.status === 200) acceptAnswer(hook, outcome.body, outcome.uid);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** One function for each place inside a value that puts something else there. */
function placesIn(value: unknown): ((put: unknown) => void)[] {
  if (typeof value !== 'object' || value === null) return [];
  const container = value as Record<string, unknown>;
  return Object.keys(container).flatMap(key => [
    (put: unknown) => {
      container[key] = put;
    },
    ...placesIn(container[key]),
  ]);
}
