import { permitsTraffic } from '../effective-settings.ts';
import { quoted } from '../fields/field.ts';
import type { Range } from '../source.ts';
import type { Scene } from './scene.ts';

/** A target as it is written, and where. */
export interface WrittenTarget {
  readonly at: Range;
  readonly path: string;
  readonly what: string;
}

/** Whether requests may go to Services of a namespace: one's own, or one that allows it; if not, that is reported. */
export function mayTarget(
  namespace: string,
  { at, path, what }: WrittenTarget,
  { deployment, settings, namespaceOf, report }: Scene,
): boolean {
  const own = deployment.metadata.namespace;
  if (namespace === own || permitsTraffic(settings, namespaceOf(namespace), own)) return true;
  report({
    name: 'TargetNotPermitted',
    at,
    path,
    must: `must be in a namespace that lets '${own}' send to it`,
    found: `but ${quoted(what)} is in '${namespace}', which does not`,
    fix: `have Namespace ${namespace} annotated with \`waymark.dev/allow-traffic-from: ${own}\``,
  });
  return false;
}
