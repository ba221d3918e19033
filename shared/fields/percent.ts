import type { Report } from '../annotation/complaint.ts';
import { parsePercent } from '../values/percent.ts';
import type { Entry } from './items.ts';

/** The percentage that stands behind a name: `20`, `20%`, with a warning `%20`. Undefined = it is none; not reported. */
export function percentOf({ text, at, path }: Entry, report: Report): number | undefined {
  const percent = parsePercent(text);
  if (percent?.signInFront === true) {
    report({
      name: 'PercentSpelling',
      at,
      path,
      must: 'must have its percent sign behind the number',
      found: `but is '${text}'`,
      fix: `write '${percent.value}%'`,
    });
  }
  return percent?.value;
}
