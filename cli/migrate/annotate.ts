import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { AMBASSADOR_CONFIG, CONFIG } from '../../shared/annotation-keys.ts';
import { splitDocuments } from '../../shared/annotation/split.ts';
import type { ObjectRef } from '../../shared/findings/finding.ts';
import type { Range } from '../../shared/source.ts';
import type { FilePlace, Manifest } from '../manifests.ts';
import { recordOf, textOf } from './ambassador-document.ts';
import type { FlatText } from './flat-text.ts';
import { isSame } from './home.ts';
import type { Workload } from './home.ts';
import type { Entry } from './migration.ts';

/** A Mapping that has a Deployment to go to. */
export interface Candidate {
  readonly ref: ObjectRef;
  readonly place: FilePlace;
  readonly deployment: Workload;
  readonly changes: readonly string[];
  readonly flat: FlatText;
}

/** A Deployment with the annotation that it has now. */
export interface AnnotatedDeployment {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly text: string;
  /** What has come to it, and where in the text it stands. */
  readonly moved: readonly { readonly candidate: Candidate; readonly at: Range }[];
}

/** All Deployments with an annotation, those of `candidates` behind what is there. */
export function annotate(
  manifests: readonly Manifest[],
  candidates: readonly Candidate[],
  home: string,
): { readonly deployments: readonly AnnotatedDeployment[]; readonly entries: readonly Entry[] } {
  const entries: Entry[] = [];
  const deployments = manifests.flatMap((manifest): readonly AnnotatedDeployment[] => {
    const { value } = manifest;
    if (value.kind !== 'Deployment') return [];
    const { name, namespace = home, annotations } = recordOf(value['metadata']);
    const own = { namespace: String(namespace), name: textOf(name) };
    const key = recordOf(annotations)[CONFIG] === undefined ? AMBASSADOR_CONFIG : CONFIG;
    const before = textOf(recordOf(annotations)[key]);
    const mine = candidates.filter(({ deployment }) => isSame(deployment, own));
    const { text, moved, entries: its } = appended(before, mine);
    entries.push(...its);
    return text === '' ? [] : [{ manifest, ...own, key, text, moved }];
  });
  return { deployments, entries };
}

interface Appended extends Pick<AnnotatedDeployment, 'text' | 'moved'> {
  readonly entries: readonly Entry[];
}

function appended(before: string, candidates: readonly Candidate[]): Appended {
  const names = namesIn(before);
  const moved: { candidate: Candidate; at: Range }[] = [];
  const entries: Entry[] = [];
  let text = before;
  for (const candidate of candidates) {
    const { ref, place, deployment, flat, changes } = candidate;
    const value = valueOf(flat.text);
    const other = names.get(ref.name);
    if (other !== undefined) {
      entries.push({ ref, place, ...repeated(other, value), deployment });
      continue;
    }
    names.set(ref.name, value);
    if (text !== '') text = `${text.replace(/\n*$/, '\n')}---\n`;
    moved.push({ candidate, at: { start: text.length, end: text.length + flat.text.length } });
    text += flat.text;
    entries.push({ outcome: 'moved', ref, place, message: changes.join('; '), deployment });
  }
  return { text, moved, entries };
}

function repeated(other: unknown, value: unknown): Pick<Entry, 'outcome' | 'message' | 'fix'> {
  return isDeepStrictEqual(other, value)
    ? { outcome: 'already', message: '' }
    : {
        outcome: 'left',
        message: 'has the name of another Mapping in the same annotation',
        fix: 'give it another name, or delete the one that is not meant',
      };
}

/** The Mappings of an annotation by their names. What is no YAML is the reader's to tell. */
function namesIn(text: string): Map<string, unknown> {
  const values = splitDocuments(text).map(({ start, end }) => valueOf(text.slice(start, end)));
  return new Map(
    values.flatMap(value => {
      const { kind, name } = recordOf(value);
      return kind === 'Mapping' && typeof name === 'string' ? [[name, value] as const] : [];
    }),
  );
}

function valueOf(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'error' });
  return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 1000 });
}
