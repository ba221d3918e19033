import type { AdmissionRequest } from '../admission.ts';
import { ACTIVE } from '../annotation-keys.ts';
import type { Deployment } from '../deployment.ts';
import { fieldSite, finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Reading } from '../intent.ts';
import type { PatchOperation } from '../patch.ts';
import { REPLICAS } from './bookkeeping.ts';

const PATH = '/spec/replicas';

/** The size that an update would have changed, and that stays. */
export interface KeptReplicas {
  readonly replicas: number;
  readonly operation: PatchOperation;
  readonly finding: Finding;
}

/**
 * Whether `spec.replicas` must stay what it is. A manifest says a size and means the one at the beginning: while our
 * autoscaler drives the Deployment it would be reset by every apply, and a retired version would start again.
 * `reading` is the new object's; absent = it carries no annotation, and its user may do what he likes.
 *
 *   live size   the request says   our autoscaler exists   stays
 *   ---------   ----------------   ---------------------   -----------------------------------------------
 *   7           another, not 0     yes                     yes, if the text still asks for one or is wrong
 *   7           0                  –                       no: this is how a Deployment is stopped
 *   0           another            –                       no (Kubernetes scales nothing at 0), but if it is retired
 */
export function keepReplicas(
  { object, oldObject, facts }: AdmissionRequest,
  reading: Reading | undefined,
): KeptReplicas | undefined {
  if (!oldObject || !reading) return undefined;
  const [wanted, live] = [sizeOf(object), sizeOf(oldObject)];
  if (wanted === live) return undefined;
  if (live === 0) return isRetired(oldObject) && !isPinned(object) ? kept(object, live, RETIRED) : undefined;
  if (wanted === 0 || !asksForAutoscaler(reading)) return undefined;
  const { namespace, name, uid } = oldObject.metadata;
  const isDriven = uid !== undefined && facts?.isAutoscaled(namespace, name, uid) === true;
  return isDriven ? kept(object, live, DRIVEN) : undefined;
}

export function withReplicas(object: Deployment, { replicas }: KeptReplicas): Deployment {
  return { ...object, spec: { ...object.spec, replicas } };
}

/** Kubernetes' own default is 1. */
function sizeOf({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

/** A text with an error says nothing: its autoscaler stays as it was built from the last good one. */
function asksForAutoscaler({ intent }: Reading): boolean {
  return intent === undefined || intent.service?.autoscaling !== undefined;
}

/** Scaled to zero by the controller. The stored size is believed, since nobody else writes it. */
export function isRetired({ metadata: { annotations }, spec }: Deployment): boolean {
  return annotations !== undefined && Object.hasOwn(annotations, REPLICAS) && spec.replicas === 0;
}

function isPinned({ metadata }: Deployment): boolean {
  return metadata.annotations?.[ACTIVE] === 'true';
}

const DRIVEN = {
  must: 'must be left to the autoscaler, or be 0',
  fix: 'leave `replicas` out of the manifest; its bounds are in the annotation',
};

const RETIRED = {
  must: 'must stay 0 while another version leads',
  fix: `write the annotation \`${ACTIVE}: "true"\` to have this version lead`,
};

function kept(object: Deployment, live: number, words: typeof DRIVEN): KeptReplicas {
  const { namespace, name } = object.metadata;
  const isAbsent = object.spec.replicas === undefined;
  return {
    replicas: live,
    operation: { op: isAbsent ? 'add' : 'replace', path: PATH, value: live },
    finding: finding('ReplicasKept', {
      object: { kind: 'Deployment', namespace, name },
      site: fieldSite('spec', 'replicas'),
      path: 'spec.replicas',
      must: words.must,
      found: `but is ${sizeOf(object)}; ${live} is kept`,
      fix: words.fix,
    }),
  };
}
