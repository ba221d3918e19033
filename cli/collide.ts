import { admit } from '../shared/admit.ts';
import type { Deployment } from '../shared/deployment.ts';
import { nameOf, siteInAnnotation } from '../shared/findings/finding.ts';
import type { Finding, Related } from '../shared/findings/finding.ts';
import type { Intent } from '../shared/intent.ts';
import { read } from '../shared/read.ts';
import type { ReadContext } from '../shared/read.ts';

/**
 * What the cluster says of a Deployment that is applied after another one of the same name, when they are two versions
 * whose names are one. Empty when they are not: then one of them is there by mistake. `context` is an enforced one.
 */
export function collide(first: Deployment, second: Deployment, context: ReadContext): Finding[] {
  const { findings } = admit({ operation: 'UPDATE', object: second, oldObject: first, ...context });
  const before = read(first, context).intent;
  if (!before || !findings.some(isCollision)) return [];
  return findings.map(one => (isCollision(one) ? { ...one, related: relatedVersion(before) } : one));
}

function isCollision(one: Finding): boolean {
  return nameOf(one) === 'VersionCollision';
}

function relatedVersion({ object, key, text, service }: Intent): readonly Related[] {
  if (!service) return [];
  return [{ object, site: siteInAnnotation(key, text, service.versionAt), message: '`version` of the other one' }];
}
