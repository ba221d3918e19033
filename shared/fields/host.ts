import type { Report } from '../annotation/complaint.ts';
import type { Range } from '../source.ts';
import { readHost } from '../values/host.ts';
import { quoted } from './field.ts';

/** A host in canonical form; undefined = it is none, and that has been reported. */
export function checkHost(text: string, at: Range, path: string, report: Report): string | undefined {
  const reading = readHost(text);
  if ('host' in reading) {
    if (reading.folded) {
      report({
        name: 'HostFolded',
        at,
        path,
        must: 'must be in lower case without a dot at the end',
        found: `but is ${quoted(text)}`,
        fix: `write '${reading.host}'`,
      });
    }
    return reading.host;
  }
  if ('wildcard' in reading) {
    report({
      name: 'HostWildcard',
      at,
      path,
      must: 'must be one host, without `*`',
      found: `but is ${quoted(text)}`,
      fix: 'name every host',
    });
  } else {
    report({ name: 'HostInvalid', at, path, must: reading.must, found: `but is ${quoted(text)}`, fix: reading.fix });
  }
  return undefined;
}
