import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CATALOGUE } from '../../shared/findings/catalogue.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const KEYS = ['waymark.dev/config', 'getambassador.io/config'] as const;

/** Whole files of manifests: all golden cases and examples. */
export function fileSeeds(): readonly string[] {
  return filesIn('test/golden', /input\.yaml$/).concat(
    filesIn('examples', /\.yaml$/),
    filesIn('examples-broken', /\.yaml$/),
  );
}

export function settingsSeeds(): readonly string[] {
  return filesIn('test/golden', /settings\.yaml$/).concat('{}', 'domain: service.example.com\n');
}

/** All annotations of those files, and the examples of the catalogue of findings. */
export function annotationSeeds(): readonly string[] {
  const texts = fileSeeds().flatMap(file =>
    parseAllDocuments(file).flatMap(document => {
      const object = document.toJS() as { metadata?: { annotations?: Record<string, string> } } | null;
      const annotations = object?.metadata?.annotations ?? {};
      return KEYS.flatMap(key => (Object.hasOwn(annotations, key) ? [annotations[key] ?? ''] : []));
    }),
  );
  return [...new Set([...texts, ...CATALOGUE.flatMap(({ bad, good }) => [bad, good])])];
}

function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => name.test(file))
    .sort()
    .map(file => readFileSync(join(ROOT, folder, file), 'utf8'));
}
