import { AMBASSADOR_CONFIG, CONFIG, DEPLOYMENT_ANNOTATIONS, NAMESPACE_DOCS, PREFIX } from '../annotation-keys.ts';
import type { Report } from '../annotation/complaint.ts';
import { clipped, quoted } from '../fields/field.ts';
import { nearestName } from '../values/nearest.ts';

const KNOWN = new Map(DEPLOYMENT_ANNOTATIONS.map(row => [row.key, row]));
/** What all have in common would make any two of them look alike. */
const NAMES = DEPLOYMENT_ANNOTATIONS.map(({ key }) => key.slice(PREFIX.length));

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
    report({
      name: 'AnnotationUnknown',
      at: at(key),
      must: 'must be an annotation that Waymark knows',
      found: `but is \`${clipped(key)}\``,
      fix: fixOf(key.slice(PREFIX.length)),
    });
  } else if (known.use === 'switch' && value !== 'true' && value !== 'false') {
    report({
      name: 'AnnotationValueWrong',
      at: at(key),
      must: `must be "true" or "false"`,
      found: `but is ${quoted(value)}`,
      fix: 'write "true", in quotes',
    });
  }
}

function fixOf(name: string): string {
  if (Object.hasOwn(NAMESPACE_DOCS, name)) return 'write it on the Namespace, whose setting it is';
  const nearest = nearestName(name, NAMES);
  return nearest === undefined ? 'delete it' : `write \`${PREFIX}${nearest}\``;
}

function at(key: string): readonly string[] {
  return ['metadata', 'annotations', key];
}
