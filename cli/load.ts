import { isDnsLabel } from '../shared/values/dns.ts';
import { Failure } from './failure.ts';
import { readSources } from './files.ts';
import { readManifests } from './manifests.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { worldOf } from './world.ts';
import type { World } from './world.ts';

export interface OfflineOptions {
  /** Files, directories, `-`. */
  readonly filename: readonly string[];
  /** The platform's settings file; absent = all defaults. */
  readonly config?: string;
  /** Where objects are that name no namespace: at most one; none is `default`. */
  readonly namespace: readonly string[];
}

/** Reads all that an offline command was given. Rejects with a Failure for what cannot be read or is no manifest. */
export async function loadWorld({ filename, config, namespace }: OfflineOptions, terminal: Terminal): Promise<World> {
  const [home = 'default', ...others] = namespace;
  if (others.length > 0) throw new Failure('error: --namespace must be given once');
  if (!isDnsLabel(home)) throw new Failure(`error: --namespace must be a DNS label, but is '${home}'`);
  const settings = await loadSettings(config, terminal);
  const sources = await readSources(filename, terminal);
  const world = worldOf(sources.flatMap(readManifests), settings, home);
  if (world.snapshot.deployments.length === 0) terminal.err('no annotated Deployment was found\n');
  return world;
}
