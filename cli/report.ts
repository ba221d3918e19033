import { sentence } from '../shared/findings/format.ts';
import { nameOf, severityOf } from '../shared/findings/finding.ts';
import type { Finding, ObjectRef, Severity } from '../shared/findings/finding.ts';
import type { Position } from '../shared/source.ts';
import type { FilePlace, Manifest } from './manifests.ts';
import type { World } from './world.ts';

/** A finding with its place in the files. */
export interface Report {
  readonly code: string;
  /** The code's name in the catalogue, for example `FieldUnknown`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly object: ObjectRef;
  /** Absent when the object is in none of the files. */
  readonly place: FilePlace | undefined;
  /** The line of the file that the place starts in. */
  readonly sourceLine: string;
  readonly path: string;
  /** What must hold and what was found, naming the field. */
  readonly message: string;
  readonly fix: string;
  readonly related: readonly RelatedReport[];
}

export interface RelatedReport {
  readonly place: FilePlace | undefined;
  readonly object: ObjectRef;
  readonly message: string;
}

/**
 * Of the core's findings and of versions that collide, but not the one by which a cluster sums up the errors of a stored
 * text: here each of them is told. Sorted by file, in the order they were named, and by place;
 * findings of one place stay in the core's order.
 */
export function reportsOf(findings: readonly Finding[], world: World): readonly Report[] {
  return [
    ...findings
      .filter(finding => nameOf(finding) !== 'AnnotationInvalid')
      .map(finding => ({ finding, manifest: world.manifestOf(finding.object) })),
    ...world.collisions.flatMap(({ manifest, findings: its }) => its.map(finding => ({ finding, manifest }))),
  ]
    .map(({ finding, manifest }) => ({ report: located(finding, manifest, world), order: world.orderOf(manifest) }))
    .sort((a, b) => a.order - b.order || comparePlaces(a.report.place?.start, b.report.place?.start))
    .map(({ report }) => report);
}

/** Where a finding stands is the caller's to know. */
export function reportOf(finding: Finding, where: Pick<Report, 'place' | 'sourceLine' | 'related'>): Report {
  const { object, code, path, fix } = finding;
  return {
    code,
    rule: nameOf(finding),
    severity: severityOf(finding),
    object,
    path,
    message: sentence(finding),
    fix,
    ...where,
  };
}

const UNKNOWN_KEY: ReadonlySet<string> = new Set(['AnnotationUnknown', 'NamespaceSettingUnknown']);

/** The finding with its place in the manifest of its object; undefined = it is in none of the files. */
export function located(finding: Finding, manifest: Manifest | undefined, world: Pick<World, 'manifestOf'>): Report {
  const { site } = finding;
  // An unknown key is pointed at by itself, a wrong value by the value.
  const place = manifest?.placeOf(site, UNKNOWN_KEY.has(nameOf(finding)) ? 'key' : 'value');
  const sourceLine = place === undefined ? '' : (manifest?.lines.line(place.start.line) ?? '');
  const related = finding.related.map(other => ({
    place: world.manifestOf(other.object)?.placeOf(other.site),
    object: other.object,
    message: other.message,
  }));
  return reportOf(finding, { place, sourceLine, related });
}

function comparePlaces(a: Position | undefined, b: Position | undefined): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
