import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Compilation } from '../../shared/compilation.ts';
import { compile } from '../../shared/compile.ts';
import type { Deployment } from '../../shared/deployment.ts';
import { nameOf, severityOf } from '../../shared/findings/finding.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { findingLine, objectName } from '../../shared/findings/format.ts';
import { printYaml } from '../../shared/render/yaml.ts';
import { defaultSettings, parseSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { ExistingObject, Namespace, Snapshot } from '../../shared/snapshot.ts';
import { readCluster } from './golden-cluster.ts';
import type { Host } from '../../shared/host.ts';
import type { ServiceManifest } from '../../cli/file-facts.ts';

const GOLDEN = join(import.meta.dirname, '..', 'golden');

export function goldenCases(): readonly string[] {
  return readdirSync(GOLDEN, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export function goldenFile(name: string, file: string): string {
  return join(GOLDEN, name, file);
}

export interface GoldenCase {
  /** What the case shows: the comment on its first line. */
  readonly sentence: string;
  readonly snapshot: Snapshot;
}

export function readCase(name: string): GoldenCase {
  const text = readFileSync(goldenFile(name, 'input.yaml'), 'utf8');
  const objects = parseAllDocuments(text).map(document => document.toJS() as ExistingObject);
  const [first = ''] = text.split('\n');
  const isHost = ({ kind }: ExistingObject): boolean => kind === 'Host';
  const services = objects.filter(({ kind }) => kind === 'Service') as unknown as ServiceManifest[];
  const hosts = objects.filter(isHost) as unknown as Host[];
  const cluster = readCluster(goldenFile(name, 'cluster.yaml'), { hosts, services });
  return {
    sentence: first.replace(/^# ?/, ''),
    snapshot: {
      ...snapshotOf(
        objects.filter(object => !isHost(object)),
        settingsOf(name),
      ),
      ...cluster,
    },
  };
}

/**
 * The world of a file: Deployments to compile, Namespaces with their settings, all else exists. Where every Deployment is
 * stored already (it has a uid), it is a cluster, which has a clock and in which Pods are known.
 */
function snapshotOf(objects: readonly ExistingObject[], settings: Settings): Omit<Snapshot, 'istio' | 'facts'> {
  const placed = objects.map(object => ({ ...object, metadata: { ...object.metadata, ...namespaceOf(object) } }));
  const isNamespace = ({ kind }: { kind: string }): boolean => kind === 'Namespace';
  const isDeployment = ({ kind }: { kind: string }): boolean => kind === 'Deployment';
  const deployments = placed.filter(isDeployment) as unknown as Deployment[];
  const isCluster = deployments.length > 0 && deployments.every(({ metadata }) => metadata.uid !== undefined);
  return {
    settings,
    now: isCluster ? Date.parse('2024-06-01T00:00:00Z') : 0,
    deployments,
    namespaces: new Map(placed.filter(isNamespace).map(object => [object.metadata.name, object as Namespace])),
    existing: placed.filter(object => !isNamespace(object) && !isDeployment(object)),
  };
}

function namespaceOf({ kind, metadata }: ExistingObject): { namespace?: string } {
  return kind === 'Namespace' ? {} : { namespace: (metadata as { namespace?: string }).namespace ?? 'default' };
}

/** `settings.yaml` of the case; without one the defaults, with a domain so that there are built-in hosts. */
function settingsOf(name: string): Settings {
  const file = goldenFile(name, 'settings.yaml');
  if (!existsSync(file)) return { ...defaultSettings, domain: 'service.example.com' };
  const parsed = parseSettings(readFileSync(file, 'utf8'), file);
  if (!parsed.settings) throw new Error(`${file}: ${JSON.stringify(parsed)}`);
  return parsed.settings;
}

export function reversed(snapshot: Snapshot): Snapshot {
  const { deployments, existing } = snapshot;
  return { ...snapshot, deployments: deployments.toReversed(), existing: existing.toReversed() };
}

export function hasTimes({ deployments }: Snapshot): boolean {
  return deployments.every(({ metadata }) => metadata.creationTimestamp !== undefined);
}

export interface GoldenText {
  readonly output: string;
  readonly findings: string;
}

export function textOf({ admitted, objects, findings }: Compilation): GoldenText {
  return {
    output: printYaml([...admitted, ...objects.map(({ object }) => object)]),
    findings: linesOf(findings),
  };
}

export function linesOf(findings: readonly Finding[]): string {
  return findings
    .map(one => `${severityOf(one)} ${nameOf(one)} ${objectName(one.object)} ${findingLine(one)}\n`)
    .join('');
}

/** What the order of the input must not change: the admitted Deployments come in it, everything else in an order of its own. */
export function compiledText(snapshot: Snapshot): GoldenText {
  const compilation = compile(snapshot);
  const admitted = compilation.admitted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return textOf({ ...compilation, admitted });
}

function keyOf({ metadata: { namespace, name } }: Deployment): string {
  return `${namespace}/${name}`;
}
