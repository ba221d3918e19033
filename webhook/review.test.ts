import { describe, expect, it } from '@jest/globals';
import { defaultSettings } from '../shared/settings-file.ts';
import { CONFIG, CONTEXT, UID, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { review } from './review.ts';
import type { Policy } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { Hook, Outcome, ReviewContext } from './review.ts';

function context(given: Partial<ReviewContext> = {}): ReviewContext {
  return { ...CONTEXT, ...given };
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

describe('a wrong setting of the Namespace', () => {
  const wrong: Namespace = {
    metadata: {
      name: 'service',
      annotations: { 'waymark.dev/environment': 'staging' },
      labels: { 'waymark.dev/policy': 'of' },
    },
  };
  const given = context({ namespaces: new Map([['service', wrong]]) });

  it('is told to whoever applies a Deployment there, which is admitted by the setting of the platform', () => {
    const { mutated, validated } = admitted(deployment(), given);

    expect(mutated.response.warnings).toBeUndefined();
    expect(validated.response.allowed).toBe(true);
    expect(validated.response.warnings).toEqual([
      expect.stringMatching(
        /^WM032 metadata.annotations\['waymark.dev\/environment'\]: .* 'staging' on Namespace service; fix/,
      ),
      expect.stringMatching(/^WM032 metadata.labels\['waymark.dev\/policy'\]: .* 'of' on Namespace service; fix/),
    ]);
  });

  it('is not told where a Deployment just lost its annotation', () => {
    const { stored } = admitted(deployment(), given);
    const bare = deployment({ annotations: {} });

    const { response } = respond('validate', reviewOf(bare, { operation: 'UPDATE', oldObject: stored }), given);

    expect(response).toEqual({ uid: UID, allowed: true });
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
