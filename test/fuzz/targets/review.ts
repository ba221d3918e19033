import { createRegistry } from '../../../runtime/metrics.ts';
import { createLog } from '../../../runtime/log.ts';
import type { Logger } from '../../../runtime/log.ts';
import { REPLICAS } from '../../../shared/inject/bookkeeping.ts';
import { INJECTED } from '../../../shared/inject/record.ts';
import type { PatchOperation } from '../../../shared/patch.ts';
import { createAdmission } from '../../../webhook/admission.ts';
import type { Admission } from '../../../webhook/admission.ts';
import { review } from '../../../webhook/review.ts';
import type { Hook, Outcome, ReviewContext } from '../../../webhook/review.ts';
import { strayPatchStrings } from '../../support/alphabets.ts';
import { acceptAnswer, CONFIG, deployment, reviewOf } from '../../support/reviews.ts';
import { mutateJson } from '../mutate-json.ts';
import { checkPrototypes, SECRET, UNSEEN } from '../promises.ts';
import { annotationSeeds } from '../seeds.ts';
import { bytesOf, hashOf, must } from '../target.ts';
import type { Target } from '../target.ts';
import { oneOf, WORLDS } from '../worlds.ts';
import type { FuzzWorld } from '../worlds.ts';

const HOOKS = ['mutate', 'validate'] as const;
const STATUS = /^(?:200|400)$/;

/** A body as the API server would send it, and what nobody should. */
export function reviewSeeds(): readonly string[] {
  const env = [
    { name: 'PASSWORD', value: SECRET },
    { name: 'KUBEFLOW_AREA', value: SECRET },
  ];
  const stored = deployment({
    env: [{ name: 'KUBEFLOW_ENV', value: 'prod' }, ...env],
    annotations: { 'waymark.dev/config': CONFIG, 'waymark.dev/injected': '{"server":["KUBEFLOW_ENV"]}' },
  });
  const annotated = annotationSeeds().map(text => deployment({ env, annotations: { 'waymark.dev/config': text } }));
  return [
    reviewOf(deployment({ env })),
    reviewOf(stored, { operation: 'UPDATE', oldObject: stored }),
    reviewOf(deployment({ env }), { operation: 'UPDATE', oldObject: stored }),
    reviewOf(deployment({ annotations: {} }), { operation: 'UPDATE', oldObject: stored }),
    reviewOf(null, { operation: 'DELETE', oldObject: stored }),
    reviewOf(deployment(), { subResource: 'scale', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }),
    reviewOf(deployment({ namespace: 'strict', env }), { namespace: 'strict' }),
    ...annotated.map(object => reviewOf(object)),
  ].map(body => JSON.stringify(body));
}

interface Watched {
  readonly context: ReviewContext;
  readonly admission: Admission;
  readonly log: Logger;
  /** Lines of the log that nobody has looked at yet. */
  readonly said: string[];
}

/** One admission for each world, at the chattiest level, with a log that is read. */
export function watchedAdmission({ settings, namespaces }: Pick<FuzzWorld, 'settings' | 'namespaces'>): Watched {
  const said: string[] = [];
  const log: Logger = createLog({ level: 'debug', component: 'fuzz', write: line => said.push(line) });
  const onMissingMutation = 'deny';
  const onBug = (error: unknown) => {
    throw error;
  };
  return {
    said,
    log,
    context: { settings, namespaces, onMissingMutation, onBug },
    admission: createAdmission({
      settings,
      namespaces,
      onMissingMutation,
      registry: createRegistry(),
      inFlight: () => 0,
      log,
    }),
  };
}

const watched = WORLDS.map(watchedAdmission);

/** The body of a review, through both hooks. */
export const reviewBody: Target = {
  name: 'review',
  share: 0.26,
  seeds: reviewSeeds,
  mutate: mutateJson,
  run(input) {
    const body = bytesOf(input);
    const { context, admission, said } = oneOf(watched, hashOf(input));
    said.length = 0;
    for (const hook of HOOKS) {
      const outcome = review(hook, body, context);
      checkOutcome(hook, outcome, input);
      const remembered = admission.answer(hook, body);
      must(
        remembered.body === outcome.body && remembered.result === outcome.result,
        'an equal body is answered equally',
      );
    }
    checkPrototypes();
    checkLog(said, HOOKS.length, input);
  },
};

export function checkOutcome(hook: Hook, { status, type, body, result, uid }: Outcome, input: string): void {
  must(STATUS.test(String(status)), 'W19: a status is 200 or 400', status);
  must(result !== 'failed', 'a review is judged');
  if (status === 400) {
    must(type.startsWith('text/plain') && /^[^\n]+\n$/.test(body), 'W19: what has no uid is told so in one line', body);
    return;
  }
  const answer = acceptAnswer(hook, body, uid);
  const { patch, status: refusal, warnings = [], auditAnnotations = {} } = answer;
  for (const line of refusal?.message.split('\n') ?? [])
    must(!UNSEEN.test(line), 'a refusal is lines that can be seen', line);
  if (result === 'denied') {
    const message = refusal?.message ?? '';
    must(/^[^\n]{1,600}\nWM\d{3} /.test(message), 'a denial shows its first finding', message.slice(0, 1_000));
    must(message.length <= 24_576, 'a denial is short', message.length);
  }
  for (const line of warnings)
    must(!UNSEEN.test(line) && Array.from(line).length <= 256, 'W21: a warning is one line', line);
  must(warnings.length <= 16, 'W21: warnings are few', warnings.length);
  must(
    Object.keys(auditAnnotations).every(key => key === 'findings'),
    'W22: keys are stable',
    auditAnnotations,
  );
  must(
    Object.values(auditAnnotations).every(value => !UNSEEN.test(value)),
    'W22: values are one line',
    auditAnnotations,
  );
  const shown = JSON.stringify([refusal, warnings, auditAnnotations]);
  must(!tells(shown, input), 'S-22: an answer says no value of the environment', shown);
  if (patch === undefined) return;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as PatchOperation[];
  must(operations.length > 0, 'W18: a patch is not empty');
  const stray = strayPatchStrings(operations, [...givenIn(JSON.parse(input)), ...storedRecords(input)]);
  must(stray.length === 0, 'S-01: a patch holds what it may', stray);
}

/** One line a request, of the fields that are known, each short. */
export function checkLog(lines: readonly string[], requests: number, input: string): void {
  must(lines.length === requests, 'a request is one line of log', lines);
  for (const line of lines) {
    must(!tells(line, input), 'S-22: a log says no value of the environment', line);
    must(
      line.endsWith('\n') && !UNSEEN.test(line.slice(0, -1)),
      'S-22: a line of log is one line that can be seen',
      line,
    );
    must(line.length < 4_096, 'S-22: a line of log is short', line.length);
    const entry = JSON.parse(line) as Record<string, unknown>;
    must(entry['level'] === 'info', 'a line of log is no alarm', line);
    for (const [key, value] of Object.entries(entry))
      must(typeof value !== 'object', 'S-22: a log holds no object', key);
  }
}

/** Whether a text tells the secret, and the input has it as the value of a variable only. */
function tells(text: string, input: string): boolean {
  return text.includes(SECRET) && !input.replaceAll(`"value":"${SECRET}"`, '').includes(SECRET);
}

/** Bookkeeping as it is stored: it comes back where an update leaves it out. */
function storedRecords(input: string): string[] {
  const { request } = JSON.parse(input) as { request?: { oldObject?: { metadata?: { annotations?: unknown } } } };
  const { annotations } = request?.oldObject?.metadata ?? {};
  if (typeof annotations !== 'object' || annotations === null) return [];
  const records = Object.entries(annotations).filter(([key]) => key === INJECTED || key === REPLICAS);
  return records.flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
}

/** Strings that stand in the object already, where Kubernetes lets a user write as he likes: all but the annotations. */
function givenIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (key === 'annotations') return [];
    return typeof part === 'string' ? [part] : givenIn(part);
  });
}
