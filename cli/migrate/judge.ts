import { compile } from '../../shared/compile.ts';
import { isError, nameOf } from '../../shared/findings/finding.ts';
import type { Finding, Site } from '../../shared/findings/finding.ts';
import { enforced } from '../enforced.ts';
import type { FilePlace, Manifest } from '../manifests.ts';
import { located } from '../report.ts';
import type { Report } from '../report.ts';
import { worldOf } from '../world.ts';
import { recordOf } from './ambassador-document.ts';
import type { AnnotatedDeployment, Candidate } from './annotate.ts';
import type { Entry, MigrationOptions } from './migration.ts';

export interface Judgement {
  /** What is to be said of what may stay. */
  readonly findings: readonly Report[];
  /** Mappings with errors, and these. */
  readonly refused: ReadonlyMap<Candidate, readonly Report[]>;
  readonly notes: readonly Entry[];
}

/** Has the Deployments judged as `lint` does, beside all else that is in the input. */
export function judge(
  manifests: readonly Manifest[],
  deployments: readonly AnnotatedDeployment[],
  { settings, namespace }: Pick<MigrationOptions, 'settings' | 'namespace'>,
): Judgement {
  const annotated = new Map(deployments.map(one => [one.manifest, withAnnotation(one)]));
  const world = worldOf(
    manifests.map(manifest => annotated.get(manifest) ?? manifest),
    settings,
    namespace,
  );
  const lines = new Map(manifests.map(manifest => [manifest.file, manifest.lines]));
  const candidates = new Map(deployments.map(one => [annotated.get(one.manifest), one]));

  const findings: Report[] = [];
  const refused = new Map<Candidate, Report[]>();
  const notes: Entry[] = [];
  for (const finding of compile({ ...world.snapshot, ...enforced(world.snapshot) }).findings) {
    const manifest = world.manifestOf(finding.object);
    const report = located(finding, manifest, world);
    const { place } = report;
    const line = place && lines.get(place.file)?.line(place.start.line);
    const told = { ...report, sourceLine: line ?? '' };
    const candidate = candidateAt(finding, manifest && candidates.get(manifest));
    if (nameOf(finding) === 'NotOwned' && place) notes.push(oldServiceNote(finding, place));
    else if (candidate === undefined || !isError(finding)) findings.push(told);
    else refused.set(candidate, [...(refused.get(candidate) ?? []), told]);
  }
  findings.push(
    ...world.collisions.flatMap(({ manifest, findings: its }) => its.map(one => located(one, manifest, world))),
  );
  return { findings, refused, notes };
}

/** The same with another annotation, whose text knows where its parts came from. */
function withAnnotation(deployment: AnnotatedDeployment): Manifest {
  const { manifest, key, text } = deployment;
  const metadata = recordOf(manifest.value['metadata']);
  const annotations = { ...recordOf(metadata['annotations']), [key]: text };
  return {
    ...manifest,
    value: { ...manifest.value, metadata: { ...metadata, annotations } },
    placeOf(site, of) {
      const part = partAt(site, deployment);
      if (part === undefined || site.in !== 'annotation') return manifest.placeOf(site, of);
      const { start, end } = site.range;
      return part.candidate.flat.placeOf({ start: start - part.at.start, end: end - part.at.start });
    },
  };
}

function candidateAt({ site }: Finding, deployment: AnnotatedDeployment | undefined): Candidate | undefined {
  return deployment && partAt(site, deployment)?.candidate;
}

function partAt(site: Site, { key, moved }: AnnotatedDeployment): AnnotatedDeployment['moved'][number] | undefined {
  if (site.in !== 'annotation' || site.key !== key) return undefined;
  const { start } = site.range;
  return moved.find(({ at }) => at.start <= start && start < at.end);
}

/** As long as Ambassador is asked too, its Services are needed. */
function oldServiceNote({ object, related }: Finding, place: FilePlace): Entry {
  const service = related[0]?.object;
  const name = service === undefined ? 'the old Service' : `Service ${service.namespace}/${service.name}`;
  return {
    outcome: 'note',
    ref: object,
    place,
    message: `${name} stays in the place of the one that Waymark makes, and requests go to it`,
  };
}
