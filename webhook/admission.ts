import { admissionMetrics, findingsMetric } from '../runtime/metrics.ts';
import { severityOf } from '../shared/findings/finding.ts';
import { rememberAnswers } from './remembered-answers.ts';
import { review } from './review.ts';
import type { Logger } from '../runtime/log.ts';
import type { Registry } from '../runtime/metrics.ts';
import type { ClusterFacts } from '../shared/cluster-facts.ts';
import type { Settings } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';
import type { Hook, Outcome, ReviewContext } from './review.ts';

export interface AdmissionOptions {
  readonly settings: Settings;
  /** As they are known at the moment; `forget` must be called when they have changed. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** As `namespaces`; absent = nothing is known. */
  readonly facts?: ClusterFacts | undefined;
  readonly onMissingMutation: 'deny' | 'warn';
  readonly registry: Registry;
  readonly inFlight: () => number;
  readonly log: Logger;
}

export interface Admission {
  /** Judges, counts and logs one request. Never throws. */
  readonly answer: (hook: Hook, body: Buffer) => Outcome;
  readonly forget: () => void;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { settings, namespaces, facts, onMissingMutation, registry, inFlight, log } = options;
  const metrics = admissionMetrics(registry, inFlight);
  const findingsTotal = findingsMetric(registry);
  const context: ReviewContext = {
    settings,
    namespaces,
    facts,
    onMissingMutation,
    onBug: (error, uid) => log.error({ err: error, uid }, 'request not judged: this is a bug'),
  };
  const answers = rememberAnswers((hook, body) => review(hook, body, context));

  return {
    answer(hook, body) {
      const begin = performance.now();
      const outcome = answers.answer(hook, body);
      const ms = performance.now() - begin;

      const { uid, operation, kind, namespace, name, result } = outcome;
      metrics.count(operation, result, ms / 1000, outcome.patchBytes);
      for (const one of outcome.findings) findingsTotal.inc({ code: one.code, severity: severityOf(one) });
      const object = shown(`${namespace}/${name}`);
      log.info(
        { uid, hook, operation, kind: shown(kind), object, result, ms: Math.round(ms * 1000) / 1000 },
        'admission',
      );
      return outcome;
    },
    forget: answers.forget,
  };
}

/** The webhook is asked before the API server looks at a name: it may be of any length still. */
const LONGEST_SHOWN = 320;

function shown(name: string): string {
  return name.length <= LONGEST_SHOWN ? name : `${name.slice(0, LONGEST_SHOWN)}…`;
}
