import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { waymark } from './command-line.ts';

/** With a host that all share, and one outside that may be sent to. */
export const SETTINGS = join(import.meta.dirname, '..', '..', 'examples-ambassador', 'platform', 'settings.yaml');

interface JsonEntry {
  readonly outcome: string;
  readonly kind: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: string;
  readonly deployment?: string;
}

interface Deployment {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations: Record<string, string>;
  };
}

/** What one run of `waymark migrate` did. */
export interface Migrated {
  readonly status: number;
  readonly documents: readonly JsonEntry[];
  readonly findings: readonly { readonly code: string; readonly line: number; readonly column: number }[];
  /** By `namespace/name`. */
  readonly texts: Readonly<Record<string, string>>;
  readonly out: string;
}

/** Migrates the standard input. */
export async function migrated(input: string, ...more: readonly string[]): Promise<Migrated> {
  const args = ['migrate', 'ambassador', '-f', '-', '--config', SETTINGS, '--format', 'json', ...more];
  const { status, out, err } = await waymark(args, input);
  if (status === 2) throw new Error(err);
  const objects = parseAllDocuments(out).map(document => document.toJS() as Deployment);
  const texts = objects.map(({ metadata: { namespace, name, annotations } }): [string, string] => [
    `${namespace}/${name}`,
    annotations['getambassador.io/config'] ?? annotations['waymark.dev/config'] ?? '',
  ]);
  return {
    status,
    ...(JSON.parse(err) as Pick<Migrated, 'documents' | 'findings'>),
    texts: Object.fromEntries(texts),
    out,
  };
}

/** `moved shop`. */
export function outcomes({ documents }: Migrated): readonly string[] {
  return documents.map(({ outcome, name }) => `${outcome} ${name}`);
}

/** The lines of a Mapping in an annotation, the prefix in the fourth. */
export function mappingLines(name: string, ...lines: readonly string[]): readonly string[] {
  return ['apiVersion: getambassador.io/v2', 'kind: Mapping', `name: ${name}`, 'prefix: /shop/', ...lines];
}
