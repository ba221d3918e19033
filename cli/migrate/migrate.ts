import { isDnsLabel } from '../../shared/values/dns.ts';
import type { ClusterOptions } from '../cluster.ts';
import { Failure } from '../failure.ts';
import { readSources } from '../files.ts';
import type { SourceFile } from '../files.ts';
import { readManifests } from '../manifests.ts';
import { loadSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { migrationJson, migrationText } from './migration-report.ts';
import { migrate as migration } from './migration.ts';
import type { MigrationOptions } from './migration.ts';
import { deploymentFiles, patchFiles, printFiles, writeFiles } from './output.ts';

/** The flags of `waymark migrate`. */
export interface MigrateOptions extends ClusterOptions {
  /** Absent: the cluster is read. */
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly patch?: true;
  readonly outputDir?: string;
  readonly defaultDeployment: readonly string[];
  readonly ambassadorId: string;
  readonly format: 'text' | 'json';
}

/**
 * Prints the Deployments with the annotations that Ambassador's Mappings become, or patches of them; what could not move
 * and why goes to the report. Writes nothing to a cluster. Resolves with the exit code: 1 when something could not move.
 */
export async function migrate(options: MigrateOptions, terminal: Terminal): Promise<number> {
  const defaultDeployments = defaultsIn(options.defaultDeployment);
  const settings = await loadSettings(options.config, terminal);
  const { files, namespace } = await input(options, terminal);
  const { ambassadorId } = options;
  const given: MigrationOptions = { settings, namespace, defaultDeployments, ambassadorId };
  const moved = migration(files.flatMap(readManifests), given);

  const output = options.patch ? patchFiles(moved.deployments) : deploymentFiles(moved.deployments);
  const { outputDir } = options;
  terminal.out(
    outputDir === undefined ? printFiles(output, options.patch ?? false) : await writeFiles(output, outputDir),
  );
  terminal.err(options.format === 'json' ? migrationJson(moved) : migrationText(moved, terminal.color.err));
  const isWhole =
    moved.entries.every(({ outcome }) => outcome !== 'left') &&
    moved.findings.every(({ severity }) => severity !== 'error');
  return isWhole ? 0 : 1;
}

interface Input {
  readonly files: readonly SourceFile[];
  readonly namespace: string;
}

async function input({ filename, ...options }: MigrateOptions, terminal: Terminal): Promise<Input> {
  if (filename === undefined) {
    const { clusterFiles } = await import('./cluster-files.ts');
    return { files: await clusterFiles(options), namespace: 'default' };
  }
  const [namespace = 'default', ...others] = options.namespace;
  if (others.length > 0) throw new Failure('error: --namespace must be given once with -f');
  if (!isDnsLabel(namespace)) throw new Failure(`error: --namespace must be a DNS label, but is '${namespace}'`);
  return { files: await readSources(filename, terminal), namespace };
}

function defaultsIn(texts: readonly string[]): ReadonlyMap<string, string> {
  const defaults = new Map<string, string>();
  for (const text of texts) {
    const [, namespace = '', name = ''] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
    if (namespace === '') throw new Failure(`error: --default-deployment must be 'namespace/name', but is '${text}'`);
    if (defaults.has(namespace)) {
      throw new Failure(
        `error: --default-deployment must be given once for each namespace, but is twice for '${namespace}'`,
      );
    }
    defaults.set(namespace, name);
  }
  return defaults;
}
