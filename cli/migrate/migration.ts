import type { ObjectRef } from '../../shared/findings/finding.ts';
import type { Settings } from '../../shared/settings.ts';
import type { FilePlace, Manifest } from '../manifests.ts';
import type { Report } from '../report.ts';
import { annotate } from './annotate.ts';
import type { AnnotatedDeployment, Candidate } from './annotate.ts';
import { editsOf } from './edits.ts';
import { flatText } from './flat-text.ts';
import { gather } from './gather.ts';
import { globalSettings } from './global-settings.ts';
import { homeOf, surroundingsOf } from './home.ts';
import type { Workload } from './home.ts';
import { judge } from './judge.ts';

export interface MigrationOptions {
  readonly settings: Settings;
  /** Where objects are that name no namespace. */
  readonly namespace: string;
  /** By namespace: the name of the Deployment that takes the Mappings which no Deployment of their own is found for. */
  readonly defaultDeployments: ReadonlyMap<string, string>;
  /** Which Ambassador is moved from. */
  readonly ambassadorId: string;
}

/**
 * What became of one document, or of one setting in it:
 *
 *   moved    it is in the annotation of `deployment`; `message` says what is different from before
 *   already  the annotation of `deployment` held it
 *   left     it is in none, and somebody has to do something about it: `fix`
 *   note     nobody has to do anything
 */
export interface Entry {
  readonly outcome: 'moved' | 'already' | 'left' | 'note';
  readonly ref: ObjectRef;
  readonly place: FilePlace;
  readonly message: string;
  readonly fix?: string;
  readonly deployment?: Workload;
}

export interface Migration {
  /** All that have an annotation, in the order of the input. */
  readonly deployments: readonly AnnotatedDeployment[];
  /** In the order of the input. */
  readonly entries: readonly Entry[];
  /** What `lint` says of these Deployments, and why a Mapping was left, with places in the input. */
  readonly findings: readonly Report[];
}

/** Moves all that can be moved. Throws a Failure for objects that the API server could not read. */
export function migrate(manifests: readonly Manifest[], options: MigrationOptions): Migration {
  const { mappings, others, entries } = gather(manifests, options);
  const global = globalSettings(others);
  const around = surroundingsOf(manifests, options);

  const candidates: Candidate[] = [];
  for (const document of mappings) {
    const { edits, changes } = editsOf(document, global);
    const home = homeOf({ ...document, fields: { ...document.fields, ...edits.added } }, around);
    const { ref, place } = document;
    if ('message' in home) entries.push({ outcome: 'left', ref, place, ...home });
    else candidates.push({ ref, place, deployment: home.deployment, changes, flat: flatText(document, edits) });
  }

  const annotated = settle(manifests, candidates, options);
  const order = new Map(manifests.map(({ file }, index) => [file, index]));
  return {
    ...annotated,
    entries: [...global.entries, ...entries, ...annotated.entries].sort(
      (a, b) => (order.get(a.place.file) ?? 0) - (order.get(b.place.file) ?? 0) || comparePlaces(a.place, b.place),
    ),
  };
}

/** Leaves out what would have its Deployment refused, until nothing is. */
function settle(manifests: readonly Manifest[], all: readonly Candidate[], options: MigrationOptions): Migration {
  const left: Entry[] = [];
  const reasons: Report[] = [];
  for (let candidates = all; ;) {
    const annotated = annotate(manifests, candidates, options.namespace);
    const { findings, refused, notes } = judge(manifests, annotated.deployments, options);
    if (refused.size === 0) {
      return {
        deployments: annotated.deployments,
        entries: [...left, ...annotated.entries, ...notes],
        findings: [...reasons, ...findings],
      };
    }
    for (const [{ ref, place }, reports] of refused) {
      const codes = [...new Set(reports.map(({ code }) => code))].join(', ');
      left.push({ outcome: 'left', ref, place, message: `would be refused: ${codes}`, fix: reports[0]?.fix ?? '' });
      reasons.push(...reports);
    }
    candidates = candidates.filter(candidate => !refused.has(candidate));
  }
}

function comparePlaces({ start: a }: FilePlace, { start: b }: FilePlace): number {
  return a.line - b.line || a.column - b.column;
}
