import { admit } from '../shared/admit.ts';
import { compile } from '../shared/compile.ts';
import type { Deployment } from '../shared/deployment.ts';
import { isError } from '../shared/findings/finding.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { objectName, placeOf } from '../shared/findings/format.ts';
import { isAnnotated } from '../shared/inject/decide.ts';
import type { ReadContext } from '../shared/read.ts';
import { enforced } from './enforced.ts';
import type { Manifest } from './manifests.ts';
import { located } from './report.ts';
import type { Report } from './report.ts';
import type { World } from './world.ts';

/** One annotated Deployment, and why `enforce` would deny it; with no errors it would not. */
export interface Judged {
  readonly namespace: string;
  readonly name: string;
  readonly isStored: boolean;
  readonly errors: readonly JudgedError[];
}

export interface JudgedError {
  readonly report: Report;
  /** `waymark.dev/config 3:19`: the place in the object itself, for where there is no file. */
  readonly site: string;
}

/** Finds the way back to a file; a cluster has none. */
type Locate = Pick<World, 'manifestOf'>;

const NOWHERE: Locate = { manifestOf: () => undefined };

/**
 * A Deployment of a cluster, in an enforced context. Undefined = it is not annotated, and the webhook is never asked
 * about it.
 */
export function judgeStored(deployment: Deployment, context: ReadContext): Judged | undefined {
  if (!isAnnotated(deployment)) return undefined;
  return judged(deployment, findingsOfStored(deployment, context), undefined, NOWHERE);
}

/** The Deployments of files: those with a uid are stored ones, all others would be new. */
export function judgeFiles(world: World): readonly Judged[] {
  const { deployments } = world.snapshot;
  const context = enforced(world.snapshot);
  const { findings } = compile({ ...world.snapshot, ...context });
  const byObject = Map.groupBy(findings, ({ object }) => objectName(object));
  return [
    ...deployments.filter(isAnnotated).map(deployment => {
      const { namespace, name, uid } = deployment.metadata;
      const ref = { kind: 'Deployment', namespace, name };
      const its = uid === undefined ? (byObject.get(objectName(ref)) ?? []) : findingsOfStored(deployment, context);
      return judged(deployment, its, world.manifestOf(ref), world);
    }),
    ...world.collisions.map(({ deployment, findings: its, manifest }) => judged(deployment, its, manifest, world)),
  ];
}

/**
 * What the webhook says of a Deployment that is applied again as it is stored. It does not ask the rule of names then:
 * what was let in may keep its name.
 */
function findingsOfStored(object: Deployment, context: ReadContext): readonly Finding[] {
  return admit({ operation: 'UPDATE', object, oldObject: object, ...context }).findings;
}

function judged(
  { metadata: { namespace, name, uid } }: Deployment,
  findings: readonly Finding[],
  manifest: Manifest | undefined,
  locate: Locate,
): Judged {
  const errors = findings.filter(isError).map(one => ({
    report: located(one, manifest, locate),
    site: placeOf(one.site),
  }));
  return { namespace, name, isStored: uid !== undefined, errors };
}
