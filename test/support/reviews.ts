/** AdmissionReviews as the API server sends them, and what it does with the answers. */
import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { ReviewContext } from '../../webhook/review.ts';

type Json = Readonly<Record<string, unknown>>;

export const CONFIG = `apiVersion: waymark.dev/v1
kind: InferenceService
type: tfserving
model: resnet50
version: v2024.05.01
`;

export interface DeploymentOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly env?: readonly Json[];
}

export function deployment(options: DeploymentOptions = {}): Json {
  const { name = 'tfserving-resnet50-20240501', namespace = 'service', env } = options;
  const { annotations = { 'waymark.dev/config': CONFIG } } = options;
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, creationTimestamp: null, annotations },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { creationTimestamp: null, labels },
        spec: {
          containers: [
            {
              name: 'server',
              image: 'tensorflow/serving:2.14.1',
              ports: [{ name: 'http', containerPort: 8501, protocol: 'TCP' }],
              ...(env && { env }),
              resources: {},
            },
          ],
        },
      },
      strategy: {},
    },
    status: {},
  };
}

/** A platform of defaults. A bug of ours fails the test. */
export const CONTEXT: ReviewContext = {
  settings: defaultSettings,
  namespaces: new Map(),
  facts: NO_FACTS,
  onMissingMutation: 'deny',
  onBug: error => {
    throw error;
  },
};

export const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

/** The `request` of a review of `object`, with some of its fields replaced. */
export function reviewOf(object: unknown, fields: Json = {}): Json {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: UID,
      kind,
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name: 'tfserving-resnet50-20240501',
      namespace: 'service',
      operation: 'CREATE',
      userInfo: { username: 'jane@example.com' },
      object,
      oldObject: null,
      dryRun: false,
      ...fields,
    },
  };
}

export interface ReviewAnswer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/**
 * The response of an answer. Throws where the API server would call the webhook broken: another version, another uid, a
 * patch without its type, a patch of a validating hook, a refusal without a reason.
 */
export function acceptAnswer(hook: 'mutate' | 'validate', body: string, uid = UID): ReviewAnswer {
  const review = JSON.parse(body) as { apiVersion: string; kind: string; response: ReviewAnswer };
  const { apiVersion, kind, response } = review;
  const must = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`the API server would not accept: ${what} in ${body}`);
  };
  must(apiVersion === 'admission.k8s.io/v1' && kind === 'AdmissionReview', 'the version');
  must(response.uid === uid, 'the uid');
  must((response.patch === undefined) === (response.patchType === undefined), 'a patch without type, or the reverse');
  must(response.patchType === undefined || response.patchType === 'JSONPatch', 'the type of the patch');
  must(hook === 'mutate' || response.patch === undefined, 'a patch of a validating hook');
  must(response.allowed || (response.status?.code ?? 0) >= 400, 'a refusal without a code');
  must(response.allowed || (response.status?.message ?? '') !== '', 'a refusal without a message');
  const known = new Set(['uid', 'allowed', 'status', 'patch', 'patchType', 'warnings', 'auditAnnotations']);
  must(
    Object.keys(response).every(key => known.has(key)),
    'an unknown field',
  );
  return response;
}

/** The object as the API server would go on with it. */
export function patchedObject(object: unknown, { patch }: ReviewAnswer): Json {
  const copy = structuredClone(object) as Json;
  if (patch === undefined) return copy;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  const failures = applyPatch(copy, operations).filter(failure => failure !== null);
  if (failures.length > 0) throw new Error(`the patch does not apply: ${failures.join('; ')}`);
  return copy;
}
