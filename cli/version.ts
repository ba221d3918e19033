import { readFileSync } from 'node:fs';

/** Of this program. The package's manifest is one folder up from the sources, and two from the build. */
export function ownVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // The other layout.
    }
  }
  return 'unknown';
}
