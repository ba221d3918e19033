import { admit } from '../shared/admit.ts';
import type { Deployment } from '../shared/deployment.ts';
import { nameOf, siteInAnnotation } from '../shared/findings/finding.ts';
import type { Finding, Related } from '../shared/findings/finding.ts';
import type { Reading } from '../shared/intent.ts';
import { read } from '../shared/read.ts';
import type { ReadContext } from '../shared/read.ts';

/** What says that a name stands for another identity already. */
const ABOUT_NAMES = new Set(['VersionCollision', 'NameMismatch', 'NameTooLong']);

/**
 * What the cluster says of a Deployment that is applied after another one of the same name, when they say of themselves
 * that they are two. Empty when they do not: then one of them is there by mistake. `context` is an enforced one.
 */
export function collide(first: Deployment, second: Deployment, context: ReadContext): Finding[] {
  const { findings } = admit({ operation: 'UPDATE', object: second, oldObject: first, ...context });
  const other = identityPlace(read(first, context));
  if (!other || !findings.some(isAboutName)) return [];
  return findings.map(one => (isAboutName(one) ? { ...one, related: [...one.related, other] } : one));
}

function isAboutName(one: Finding): boolean {
  return ABOUT_NAMES.has(nameOf(one));
}

function identityPlace({ object, identity }: Reading): Related | undefined {
  const range = identity?.places.version;
  if (!range) return undefined;
  const site = siteInAnnotation(identity.key, identity.text, range);
  return { object, site, message: '`version` of the other one' };
}
