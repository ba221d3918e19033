import { expectedName } from '../features/identity.ts';
import { finding, siteInAnnotation } from '../findings/finding.ts';
import type { Finding, ObjectRef } from '../findings/finding.ts';
import type { Identity, Reading, WrittenIdentity } from '../intent.ts';

const FIELDS = ['version', 'model', 'type', 'environment'] as const satisfies readonly (keyof Identity)[];

/**
 * What an update that changes the text says of names. The rule of names counts only where the identity is another one,
 * so that an object from before the rule can still be edited; and an identity must not become another one of the same
 * name, since then nobody could tell the two apart. `before` is absent where there was no InferenceService.
 */
export function identityFindings({ object, naming, identity }: Reading, before: Identity | undefined): Finding[] {
  if (identity === undefined || before === undefined) return [...naming];
  const changed = FIELDS.filter(field => identity[field] !== before[field]);
  if (changed.length === 0) return [];
  if (expectedName(identity) !== expectedName(before)) return [...naming];
  return [...naming, collision(object, identity, before, changed)];
}

function collision(
  object: ObjectRef,
  now: WrittenIdentity,
  before: Identity,
  changed: readonly (keyof Identity)[],
): Finding {
  const field = changed.find(one => now.places[one] !== undefined) ?? 'version';
  const range = now.places[field] ?? { start: 0, end: 0 };
  const lines = changed.map(one => `\`${one}: ${before[one]}\``).join(' and ');
  const about = { object, site: siteInAnnotation(now.key, now.text, range), path: field };
  if (changed.length === 1 && field === 'version') {
    return finding('VersionCollision', {
      ...about,
      must: `must stay '${before.version}', which has this name already`,
      found: `but is '${now.version}', whose digits are the same`,
      fix: `write ${lines}, or create another Deployment for a version with other digits`,
    });
  }
  return finding('VersionCollision', {
    ...about,
    must: `must stay as it is, since '${expectedName(before)}' is the name of ${described(before)} already`,
    found: `but ${described(now)} makes the same name`,
    fix: `write ${lines}, or create another Deployment with another name`,
  });
}

function described({ type, model, version, environment }: Identity): string {
  return `type '${type}', model '${model}', version '${version}' in ${environment}`;
}
