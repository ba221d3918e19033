import { AMBASSADOR_CONFIG, CONFIG, DEPLOYMENT_ANNOTATIONS, PREFIX } from '../annotation-keys.ts';
import type { Report } from '../annotation/complaint.ts';
import { clipped, quoted } from '../fields/field.ts';
import { nearestName } from '../values/nearest.ts';

const KNOWN = new Map(DEPLOYMENT_ANNOTATIONS.map(row => [row.key, row]));

/** What is wrong with the annotations of a Deployment, their documents left aside. */
export function checkAnnotations(annotations: Readonly<Record<string, string>>, report: Report): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(PREFIX)) checkKey(key, value, report);
  }
  if (Object.hasOwn(annotations, CONFIG) && Object.hasOwn(annotations, AMBASSADOR_CONFIG)) {
    report({
      name: 'BothAnnotations',
      at: at(AMBASSADOR_CONFIG),
      must: `must not stand beside \`${CONFIG}\``,
      found: 'but both are there',
      fix: `move its documents to \`${CONFIG}\`, behind a \`---\` line`,
      related: [{ at: at(CONFIG), message: 'the other one' }],
    });
  }
}

function checkKey(key: string, value: string, report: Report): void {
  const known = KNOWN.get(key);
  if (known === undefined) {
    const nearest = nearestName(key, KNOWN.keys());
    report({
      name: 'AnnotationUnknown',
      at: at(key),
      must: 'must be an annotation that Waymark knows',
      found: `but is \`${clipped(key)}\``,
      fix: nearest === undefined ? 'delete it' : `write \`${nearest}\``,
    });
  } else if (known.use === 'switch' && value !== 'true' && value !== 'false') {
    report({
      name: 'AnnotationValueWrong',
      at: at(key),
      must: `must be "true" or "false"`,
      found: `but is ${quoted(value)}`,
      fix: 'write "true", in quotes',
    });
  } else if (known.outcome === 'later' && value === 'true') {
    report({
      name: 'NotSupportedYet',
      at: at(key),
      must: 'must be left out, since it is not supported yet',
      fix: 'delete it, or wait for a version of Waymark that reads it',
    });
  }
}

function at(key: string): readonly string[] {
  return ['metadata', 'annotations', key];
}
