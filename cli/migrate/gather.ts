import { AMBASSADOR_CONFIG } from '../../shared/annotation-keys.ts';
import type { Manifest } from '../manifests.ts';
import { annotatedOn, documentOf, isAmbassadorObject, recordOf, textOf } from './ambassador-document.ts';
import type { AmbassadorDocument } from './ambassador-document.ts';
import type { Entry, MigrationOptions } from './migration.ts';

export interface Gathered {
  readonly mappings: readonly AmbassadorDocument[];
  /** All other kinds of Ambassador's. */
  readonly others: readonly AmbassadorDocument[];
  /** What is not to be read, and why. */
  readonly entries: Entry[];
}

/** All documents that the Ambassador with this id reads. */
export function gather(
  manifests: readonly Manifest[],
  { namespace, ambassadorId }: Pick<MigrationOptions, 'namespace' | 'ambassadorId'>,
): Gathered {
  const found: AmbassadorDocument[] = [];
  const entries: Entry[] = [];
  for (const manifest of manifests) {
    if (isAmbassadorObject(manifest)) found.push(documentOf(manifest, namespace));
    if (!['Service', 'Ingress'].includes(manifest.value.kind)) continue;
    const annotated = annotatedOn(manifest, namespace);
    if (Array.isArray(annotated)) found.push(...(annotated as readonly AmbassadorDocument[]));
    else entries.push(brokenEntry(annotated as Exclude<typeof annotated, readonly unknown[]>));
    entries.push(...ingressEntries(manifest, namespace));
  }
  const documents: AmbassadorDocument[] = [];
  for (const document of found) {
    const ids = idsOf(document);
    if (ids.includes(ambassadorId) || ids.includes('_automatic_')) documents.push(document);
    else entries.push(elsewhereEntry(document, ids, ambassadorId));
  }
  const isMapping = ({ ref }: AmbassadorDocument) => ref.kind === 'Mapping';
  return {
    mappings: documents.filter(isMapping),
    others: documents.filter(document => !isMapping(document)),
    entries,
  };
}

/** Which Ambassadors a document is for. */
export function idsOf({ fields }: AmbassadorDocument): readonly string[] {
  const written = fields['ambassador_id'] ?? fields['ambassadorId'] ?? 'default';
  return (Array.isArray(written) ? written : [written]).map(String);
}

function brokenEntry({ parent, place, message }: Exclude<ReturnType<typeof annotatedOn>, readonly unknown[]>): Entry {
  return {
    outcome: 'left',
    ref: parent,
    place,
    message: `has an annotation of which Ambassador reads nothing, since it is no YAML: ${message}`,
    fix: `correct it, or delete ${AMBASSADOR_CONFIG} if nobody has missed its routes`,
  };
}

function elsewhereEntry({ ref, place }: AmbassadorDocument, ids: readonly string[], ambassadorId: string): Entry {
  const [id = ''] = ids;
  return {
    outcome: 'note',
    ref,
    place,
    message: `is for another Ambassador than '${ambassadorId}'; to move it: --ambassador-id ${id}`,
  };
}

/** Ambassador reads the rules of an Ingress of its class too. */
function ingressEntries(manifest: Manifest, home: string): readonly Entry[] {
  const { value } = manifest;
  const { name, namespace = home, annotations } = recordOf(value['metadata']);
  const named = recordOf(annotations)['kubernetes.io/ingress.class'] ?? recordOf(value['spec'])['ingressClassName'];
  if (value.kind !== 'Ingress' || named !== 'ambassador') return [];
  return [
    {
      outcome: 'left',
      ref: { kind: 'Ingress', namespace: String(namespace), name: textOf(name) },
      place: manifest.placeOf({ in: 'field', path: ['spec'] }, 'key'),
      message: 'has rules of its own that Ambassador reads',
      fix: 'write a Mapping for each path of it, or give it the class of another controller',
    },
  ];
}
