import { describe, expect, it } from '@jest/globals';
import { applied } from '../../test/support/apply-patch.ts';
import { deployment } from '../../test/support/deployments.ts';
import { admit, missingMutation } from '../admit.ts';
import type { AdmissionDecision, AdmissionRequest } from '../admission.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { ClusterFacts } from '../cluster-facts.ts';
import type { Deployment } from '../deployment.ts';
import { nameOf } from '../findings/finding.ts';
import { warningText } from '../findings/format.ts';
import { defaultSettings } from '../settings-file.ts';
import { POLICIES } from '../settings.ts';
import type { Policy } from '../settings.ts';

const SERVICE = ['apiVersion: waymark.dev/v1', 'kind: InferenceService', 'type: serving', 'model: bert', 'version: v1'];
const SCALED = [...SERVICE, 'replicas: {min: 2, max: 10}'].join('\n');
const FIXED = SERVICE.join('\n');
const BROKEN = [...SERVICE, 'replicas: {min: 10, max: 2}'].join('\n');

interface State {
  readonly replicas?: number | undefined;
  /** Absent = not annotated. */
  readonly config?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
}

const UID = 'uid-1';
const stored = (state: State): Deployment => objectOf({ config: SCALED, ...state }, { uid: UID });

function objectOf({ replicas, config, annotations }: State, metadata: Partial<Deployment['metadata']> = {}) {
  const object = deployment('shop/serving-bert-1', { config, ...(annotations && { annotations }), metadata });
  const keys = { ...object.metadata, ...metadata, annotations: object.metadata.annotations ?? {} };
  return { ...object, metadata: keys, spec: { ...object.spec, ...(replicas !== undefined && { replicas }) } };
}

/** Whoever asks is told by uid: what is autoscaled is this very Deployment and no other of its name. */
const AUTOSCALED: ClusterFacts = {
  ...NO_FACTS,
  isAutoscaled: (namespace, name, uid) => `${namespace}/${name}/${uid}` === `shop/serving-bert-1/${UID}`,
};

interface Question {
  readonly live: State;
  readonly sent: State;
  readonly facts?: ClusterFacts;
  readonly policy?: Policy;
}

function requestOf({ live, sent, facts = AUTOSCALED, policy = 'enforce' }: Question): AdmissionRequest {
  const settings = { ...defaultSettings, policy };
  // What was injected stays out of the way of what is looked at here.
  const before = admit({ operation: 'CREATE', object: stored(live), settings, namespaces: new Map() }).admitted;
  const kept = { ...before, metadata: { ...before.metadata, annotations: before.metadata.annotations ?? {} } };
  const oldObject = live.annotations ? withAnnotations(kept, live.annotations) : kept;
  const object = objectOf({ config: SCALED, ...sent }, { uid: UID });
  return { operation: 'UPDATE', object, oldObject, settings, namespaces: new Map(), facts };
}

function withAnnotations(object: Deployment, more: Readonly<Record<string, string>>): Deployment {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...more } } };
}

function sizesIn({ patch }: AdmissionDecision): readonly unknown[] {
  return patch.filter(({ path }) => path === '/spec/replicas');
}

const REMEMBERED = { 'waymark.dev/replicas': '3' };
const PINNED = { 'waymark.dev/active': 'true' };

const KEPT: Record<string, Question & { readonly size: number }> = {
  'a manifest that says the size of the beginning': { live: { replicas: 7 }, sent: { replicas: 2 }, size: 7 },
  'a manifest that says more than is live': { live: { replicas: 2 }, sent: { replicas: 9 }, size: 2 },
  'a manifest that says nothing, which means 1': { live: { replicas: 7 }, sent: {}, size: 7 },
  'other bounds in the same update': {
    live: { replicas: 7 },
    sent: { replicas: 4, config: SCALED.replace('min: 2', 'min: 4') },
    size: 7,
  },
  'a text that is let in with an error, whose autoscaler stays as it was': {
    live: { replicas: 7 },
    sent: { replicas: 2, config: BROKEN },
    policy: 'warn',
    size: 7,
  },
  'a paused Deployment, whose autoscaler goes on': {
    live: { replicas: 7 },
    sent: { replicas: 2, annotations: { 'waymark.dev/paused': 'true' } },
    size: 7,
  },
  'a retired version that is applied again': {
    live: { replicas: 0, annotations: REMEMBERED },
    sent: { replicas: 3 },
    facts: NO_FACTS,
    size: 0,
  },
  'a retired version that is applied again with what is stored of it': {
    live: { replicas: 0, annotations: REMEMBERED },
    sent: { replicas: 3, annotations: REMEMBERED },
    facts: NO_FACTS,
    size: 0,
  },
};

const LET_THROUGH: Record<string, Question> = {
  'an explicit 0': { live: { replicas: 7 }, sent: { replicas: 0 } },
  'the size that is live': { live: { replicas: 7 }, sent: { replicas: 7 } },
  'a start from 0, where nothing scales': { live: { replicas: 0 }, sent: { replicas: 2 } },
  'a Deployment without an autoscaler of ours': { live: { replicas: 7 }, sent: { replicas: 2 }, facts: NO_FACTS },
  'a text that asks for no autoscaler any more': { live: { replicas: 7 }, sent: { replicas: 2, config: FIXED } },
  'an annotation that is taken away': { live: { replicas: 7 }, sent: { replicas: 2, config: undefined } },
  'a retired version that is pinned': {
    live: { replicas: 0, annotations: REMEMBERED },
    sent: { replicas: 3, annotations: PINNED },
    facts: NO_FACTS,
  },
  'policy off': { live: { replicas: 7 }, sent: { replicas: 2 }, policy: 'off' },
  'an autoscaler of an earlier Deployment of this name': {
    live: { replicas: 7 },
    sent: { replicas: 2 },
    facts: { ...NO_FACTS, isAutoscaled: (_namespace, _name, uid) => uid === 'uid-0' },
  },
};

describe('R-01, F-03, P9: the live size stays with', () => {
  it.each(Object.entries(KEPT))('%s', (_, { size, ...question }) => {
    const request = requestOf(question);

    const decision = admit(request);
    const patched = applied(request.object, decision.patch);

    expect(patched.spec.replicas).toBe(size);
    expect(decision.admitted).toEqual(patched);
    expect(decision.findings.map(nameOf)).toContain('ReplicasKept');
  });

  it.each(Object.entries(KEPT))('%s, and its own answer is left alone', (_, question) => {
    const request = requestOf(question);

    const again = admit({ ...request, object: admit(request).admitted });

    expect(again.patch).toEqual([]);
    expect(again.findings.map(nameOf)).not.toContain('ReplicasKept');
  });

  it.each(POLICIES.filter(policy => policy !== 'off'))('policy %s', policy => {
    const decision = admit(requestOf({ live: { replicas: 7 }, sent: { replicas: 2 }, policy }));

    expect(sizesIn(decision)).toEqual([{ op: 'replace', path: '/spec/replicas', value: 7 }]);
  });
});

describe('R-01, F-03: the size is the user’s with', () => {
  it.each(Object.entries(LET_THROUGH))('%s', (_, question) => {
    const request = requestOf(question);

    const decision = admit(request);

    expect(sizesIn(decision)).toEqual([]);
    expect(decision.admitted.spec.replicas).toBe(request.object.spec.replicas);
    expect(decision.findings.map(nameOf)).not.toContain('ReplicasKept');
  });

  it('a new Deployment, also where an autoscaler of its name is left over', () => {
    const { object, settings, namespaces, facts } = requestOf({ live: { replicas: 7 }, sent: { replicas: 2 } });

    expect(sizesIn(admit({ operation: 'CREATE', object, settings, namespaces, facts }))).toEqual([]);
  });

  it('a Deployment that is being deleted', () => {
    const request = requestOf({ live: { replicas: 7 }, sent: { replicas: 2 } });
    const { metadata } = request.object;
    const object = { ...request.object, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };

    expect(admit({ ...request, object }).patch).toEqual([]);
  });

  it('an update that is denied for its text, of which nothing is said to be kept', () => {
    const decision = admit(requestOf({ live: { replicas: 7 }, sent: { replicas: 2, config: BROKEN } }));

    expect(decision.patch).toEqual([]);
    expect(decision.findings.map(nameOf)).toEqual(['ReplicasBounds']);
  });
});

describe('what is said of a size that stays', () => {
  it('names both sizes, and how the size is the user’s again', () => {
    const { findings } = admit(requestOf({ live: { replicas: 7 }, sent: { replicas: 2 } }));

    expect(findings.map(warningText)).toEqual([
      'WM206 spec.replicas: `spec.replicas` must be left to the autoscaler, or be 0, but is 2; 7 is kept; ' +
        'fix: leave `replicas` out of the manifest; its bounds are in the annotation',
    ]);
  });

  it('names the pin, of a retired version', () => {
    const { findings } = admit(
      requestOf({ live: { replicas: 0, annotations: REMEMBERED }, sent: { replicas: 3 }, facts: NO_FACTS }),
    );

    expect(findings.map(warningText)).toEqual([expect.stringContaining('`waymark.dev/active: "true"`')]);
  });
});

describe('W17: the validating hook', () => {
  it('finds a size that was not kept', () => {
    const found = missingMutation(requestOf({ live: { replicas: 7 }, sent: { replicas: 2 } }));

    expect(found && nameOf(found)).toBe('MutationMissing');
  });

  it('finds nothing once it is', () => {
    const request = requestOf({ live: { replicas: 7 }, sent: { replicas: 2 } });

    expect(missingMutation({ ...request, object: admit(request).admitted })).toBeUndefined();
  });
});
