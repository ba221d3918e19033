import { quoted } from '../fields/field.ts';
import type { Located } from '../source.ts';
import { nearestName } from '../values/nearest.ts';
import { containersOf } from './scene.ts';
import type { Scene } from './scene.ts';

/** Name of the container whose image is reported: the one that is named, else the first. Empty where there is none. */
export function containerName(wanted: Located<string> | undefined, { deployment, report }: Scene): string {
  const names = containersOf(deployment).map(({ name }) => name);
  if (wanted === undefined) return names[0] ?? '';
  if (!names.includes(wanted.value)) {
    report({
      name: 'ContainerUnknown',
      at: wanted.at,
      path: 'container',
      must: `must be one of ${names.map(quoted).join(', ')}`,
      found: `but is ${quoted(wanted.value)}`,
      fix: `write '${nearestName(wanted.value, names) ?? names[0] ?? ''}'`,
    });
  }
  return wanted.value;
}
