import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultSettings } from '../shared/settings-file.ts';
import { CONFIG, UID, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { review } from './review.ts';
import type { Policy } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { Hook, Outcome, ReviewContext } from './review.ts';

function context(given: Partial<ReviewContext> = {}): ReviewContext {
  return {
    settings: defaultSettings,
    namespaces: new Map<string, Namespace>(),
    onMissingMutation: 'deny',
    onBug: error => {
      throw error;
    },
    ...given,
  };
}

const underPolicy = (policy: Policy) => context({ settings: { ...defaultSettings, policy } });

function ask(hook: Hook, body: unknown, given = context()): Outcome {
  return review(hook, Buffer.from(JSON.stringify(body)), given);
}

function respond(hook: Hook, body: unknown, given = context()) {
  const outcome = ask(hook, body, given);
  return { outcome, response: acceptAnswer(hook, outcome.body) };
}

/** Through both hooks, as the API server does it. */
function admitted(object: unknown, given = context()) {
  const mutated = respond('mutate', reviewOf(object), given);
  const stored = patchedObject(object, mutated.response);
  return { mutated, stored, validated: respond('validate', reviewOf(stored), given) };
}

const withConfig = (text: string) => deployment({ annotations: { 'waymark.dev/config': text } });
const MISSPELT = `${CONFIG}modelPaht: /mnt/models\narea: [a]\n`;

describe('a good Deployment', () => {
  it('W18: is patched by the mutating hook and allowed by the validating one', () => {
    const { mutated, stored, validated } = admitted(deployment());

    expect(mutated.outcome).toMatchObject({ status: 200, result: 'patched', operation: 'CREATE', uid: UID });
    expect(validated.response).toEqual({ uid: UID, allowed: true });
    expect(validated.outcome.result).toBe('allowed');
    expect(JSON.stringify(stored)).toContain('"name":"KUBEFLOW_MODEL_NAME","value":"resnet50"');
  });

  it('W10, R-23: is left alone when it comes again with what was added', () => {
    const { stored } = admitted(deployment());

    const again = respond('mutate', reviewOf(stored));
    const update = respond('mutate', reviewOf(stored, { operation: 'UPDATE', oldObject: stored }));

    expect(again.response).toEqual({ uid: UID, allowed: true });
    expect(again.outcome.result).toBe('unchanged');
    expect(update.response).toEqual({ uid: UID, allowed: true });
  });

  it('W9: gets the same answer in a dry run', () => {
    const real = ask('mutate', reviewOf(deployment()));
    const dry = ask('mutate', reviewOf(deployment(), { dryRun: true }));

    expect(dry.body).toBe(real.body);
  });

  it('counts the bytes of its patch', () => {
    const { outcome, response } = respond('mutate', reviewOf(deployment()));

    expect(outcome.patchBytes).toBe(Buffer.from(response.patch ?? '', 'base64').length);
  });

  it('may still be without the name that the API server will make up', () => {
    const { metadata, ...rest } = deployment() as { metadata: object };
    const unnamed = { ...rest, metadata: { ...metadata, name: undefined, generateName: 'web-' } };

    expect(respond('mutate', reviewOf(unnamed, { name: '' }), underPolicy('warn')).outcome.result).toBe('patched');
  });

  it('may lack the lists that the API server’s own validation will miss', () => {
    const object = deployment() as { spec: { template: { spec: object } } };
    const bare = {
      ...object,
      spec: { ...object.spec, selector: null, template: { ...object.spec.template, spec: { containers: null } } },
    };

    expect(respond('mutate', reviewOf(bare)).response.allowed).toBe(true);
  });
});

describe('a Deployment with mistakes', () => {
  it('is never denied by the mutating hook, nor patched', () => {
    expect(respond('mutate', reviewOf(withConfig(MISSPELT))).response).toEqual({ uid: UID, allowed: true });
  });

  it('W18: is denied by the validating hook: 403, Forbidden, a line for each mistake with its place and fix', () => {
    const { outcome, response } = respond('validate', reviewOf(withConfig(MISSPELT)));

    expect(outcome.result).toBe('denied');
    expect(response.status).toMatchObject({ code: 403, reason: 'Forbidden' });
    const [head, ...lines] = response.status?.message.split('\n') ?? [];
    expect(head).toBe('Deployment service/tfserving-resnet50-20240501 is refused by Waymark, 2 findings:');
    expect(lines).toEqual([
      expect.stringMatching(/^WM\d{3} waymark\.dev\/config 6:1: .*fix: .*`modelPath`/),
      expect.stringMatching(/^WM\d{3} waymark\.dev\/config 7:7: .*fix: /),
    ]);
  });

  it.each([
    ['warn', 'warned'],
    ['audit', 'audited'],
    ['off', 'skipped'],
  ] as const)('is let through under policy %s', (policy, result) => {
    const { outcome, response } = respond('validate', reviewOf(withConfig(MISSPELT)), underPolicy(policy));

    expect(response.allowed).toBe(true);
    expect(outcome.result).toBe(result);
  });

  it('W21: is told of as warnings under policy warn: single lines of at most 256 characters', () => {
    const long = `${CONFIG}modelPath: "${'x'.repeat(2000)}\\u0007"\n`;

    const { response } = respond('validate', reviewOf(withConfig(long)), underPolicy('warn'));

    expect(response.warnings?.length).toBeGreaterThan(0);
    for (const warning of response.warnings ?? []) {
      expect(Array.from(warning).length).toBeLessThanOrEqual(256);
      expect(warning).not.toMatch(/\p{Cc}/u);
    }
  });

  it('W21: is told of in at most 16 warnings, which are all that the API server would pass on', () => {
    const many = CONFIG + Array.from({ length: 30 }, (_, i) => `unknown${i}: 1\n`).join('');

    const { response } = respond('validate', reviewOf(withConfig(many)), underPolicy('warn'));

    expect(response.warnings).toHaveLength(16);
    expect(response.warnings?.at(-1)).toBe('and 15 more findings; `waymark lint` shows them all');
  });

  it('W22: is recorded under policy audit by one annotation, whose text is the same every time', () => {
    const [once, again] = [1, 2].map(
      () => respond('validate', reviewOf(withConfig(MISSPELT)), underPolicy('audit')).response,
    );

    expect(Object.keys(once?.auditAnnotations ?? {})).toEqual(['findings']);
    expect(once?.auditAnnotations?.['findings']).toMatch(/^WM\d{3} \w+ waymark\.dev\/config 6:1, WM\d{3} /);
    expect(again).toEqual(once);
    expect(once).not.toHaveProperty('warnings');
  });

  it('is judged by the policy of its Namespace', () => {
    const lenient: Namespace = { metadata: { name: 'service', labels: { 'waymark.dev/policy': 'warn' } } };

    const known = respond(
      'validate',
      reviewOf(withConfig(MISSPELT)),
      context({ namespaces: new Map([['service', lenient]]) }),
    );
    const unknown = respond('validate', reviewOf(withConfig(MISSPELT)));

    expect(known.outcome.result).toBe('warned');
    expect(unknown.outcome.result).toBe('denied');
  });

  it('has its findings counted by the validating hook only', () => {
    const mutation = ask('mutate', reviewOf(withConfig(MISSPELT)));
    const validation = ask('validate', reviewOf(withConfig(MISSPELT)));

    expect(mutation.findings).toEqual([]);
    expect(validation.findings).toHaveLength(2);
  });
});

describe('a Deployment whose variables are missing', () => {
  it('W17: is denied by the validating hook', () => {
    const { response } = respond('validate', reviewOf(deployment()));

    expect(response.status?.message).toMatch(/\nWM201 spec\.template\.spec\.containers\[0\]\.env/);
  });

  it('W17: is let through with a warning where the mutating hook may be left out', () => {
    const { outcome, response } = respond('validate', reviewOf(deployment()), context({ onMissingMutation: 'warn' }));

    expect(outcome.result).toBe('allowed');
    expect(response.warnings).toEqual([expect.stringMatching(/^WM200 /)]);
  });

  it('W17: is denied when another webhook has changed one of them', () => {
    const { stored } = admitted(deployment());
    const stripped = JSON.parse(JSON.stringify(stored).replace('{"name":"KUBEFLOW_AREA","value":""},', '')) as unknown;

    const { response } = respond('validate', reviewOf(stripped));

    expect(stripped).not.toEqual(stored);
    expect(response.status?.message).toMatch(/WM201 /);
  });
});

describe('what the mutation takes away', () => {
  it('is told by the mutating hook, because the object shows nothing of it afterwards', () => {
    const copied = deployment({ annotations: { 'waymark.dev/config': CONFIG, 'waymark.dev/replicas': '3' } });

    const { mutated, validated, stored } = admitted(copied);

    expect(mutated.response.warnings).toEqual([expect.stringMatching(/^WM203 /)]);
    expect(JSON.stringify(stored)).not.toContain('waymark.dev/replicas');
    expect(validated.response).toEqual({ uid: UID, allowed: true });
  });

  it('is told of once: what the validating hook still sees is not told by both', () => {
    const own = deployment({ env: [{ name: 'KUBEFLOW_ENV', value: 'mine' }] });

    const { mutated, validated } = admitted(own);

    expect(mutated.response.warnings).toBeUndefined();
    expect(validated.response.warnings).toEqual([expect.stringMatching(/^WM204 /)]);
  });
});

describe('what is none of our business is allowed untouched', () => {
  const requests: Record<string, Record<string, unknown>> = {
    'W19: a deletion, which has no object': { operation: 'DELETE', object: null, oldObject: deployment() },
    'a connection': { operation: 'CONNECT', object: {} },
    'another kind': { kind: { group: '', version: 'v1', kind: 'Pod' } },
    'another group’s Deployment': { kind: { group: 'example.com', version: 'v1', kind: 'Deployment' } },
    'another version': { kind: { group: 'apps', version: 'v1beta1', kind: 'Deployment' } },
    'the scale of a Deployment': { subResource: 'scale', object: { kind: 'Scale' } },
    'the status of a Deployment': { subResource: 'status' },
  };

  it.each(Object.entries(requests))('%s', (_, fields) => {
    for (const hook of ['mutate', 'validate'] as const) {
      const { outcome, response } = respond(hook, reviewOf(withConfig(MISSPELT), fields));

      expect(response).toEqual({ uid: UID, allowed: true });
      expect(outcome.result).toBe('skipped');
    }
  });

  it.each(['kube-system', 'kube-public', defaultSettings.systemNamespace])('a Deployment in %s', namespace => {
    const { response } = respond('validate', reviewOf(deployment({ namespace }), { namespace }));

    expect(response).toEqual({ uid: UID, allowed: true });
  });
});

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

    const outcome = review('validate', Buffer.from(body), context());

    expect(acceptAnswer('validate', outcome.body).status?.message).toBe(
      'the body must not hold a key twice in one object',
    );
  });

  it('bytes that are no UTF-8 are answered by the uid, with their place', () => {
    const text = JSON.stringify(reviewOf(withConfig(`${CONFIG}area: §\n`)));
    const body = Buffer.from(text, 'latin1');

    const outcome = review('validate', body, context());

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

describe('a bug of ours', () => {
  it('is answered by the uid and told to us, and nothing slips through', () => {
    const bugs: unknown[] = [];
    const broken = new Map<string, Namespace>();
    broken.get = () => {
      throw new Error('broken');
    };

    const { outcome, response } = respond(
      'validate',
      reviewOf(deployment()),
      context({ namespaces: broken, onBug: (error, uid) => bugs.push([error, uid]) }),
    );

    expect(outcome.result).toBe('failed');
    expect(response).toMatchObject({ allowed: false, status: { code: 500, reason: 'InternalError' } });
    expect(response.status?.message).not.toContain('broken');
    expect(bugs).toEqual([[new Error('broken'), UID]]);
  });
});
