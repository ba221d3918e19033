import { AMBASSADOR_CONFIG, CONFIG } from './annotation-keys.ts';
import { toFinding } from './annotation/complaint.ts';
import type { Complaint } from './annotation/complaint.ts';
import type { Deployment } from './deployment.ts';
import { readDocuments } from './documents.ts';
import type { Documents } from './documents.ts';
import { effectiveSettings } from './effective-settings.ts';
import { checkAnnotations } from './features/annotations.ts';
import { identityOf } from './features/identity.ts';
import { inferenceServiceOf } from './features/inference-service.ts';
import { checkMappings } from './features/mapping-lints.ts';
import { mappingOf } from './features/mapping.ts';
import { checkServiceName, nameComplaints } from './features/name.ts';
import { servicePorts } from './features/ports.ts';
import type { Scene } from './features/scene.ts';
import { serviceLabelsOf } from './features/service-labels.ts';
import { sortFindings, stopsEverything } from './findings/finding.ts';
import type { Intent, Reading } from './intent.ts';
import { createMemory } from './memory.ts';
import type { Settings } from './settings.ts';
import type { Namespace } from './snapshot.ts';

export interface ReadContext {
  readonly settings: Settings;
  /** By name. One that is not here has the platform's settings. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
}

/** Texts come back: from the second webhook, from every re-sync, from the neighbour that copied them. */
const documentsOf = createMemory(readDocuments, { entries: 2048, length: 2 ** 20, longestKey: 2 ** 16 });

const NO_DOCUMENTS: Documents = { mappings: [], complaints: [], serviceUnread: false };

/** A reading and what it was made of, beside the Deployment. */
interface Remembered {
  readonly settings: Settings;
  readonly namespaces: readonly (readonly [name: string, namespace: Namespace | undefined])[];
  readonly reading: Reading;
}

const readings = new WeakMap<Deployment, Remembered>();

/**
 * Reads one Deployment: what its annotation asks for, and everything that is to be said about it. Never throws; the
 * Deployment, the settings and the Namespaces are never changed, and must not be changed by others either: the answer
 * is remembered for as long as they are the same objects.
 */
export function read(deployment: Deployment, { settings, namespaces }: ReadContext): Reading {
  const known = readings.get(deployment);
  if (known?.settings === settings && known.namespaces.every(([name, one]) => namespaces.get(name) === one)) {
    return known.reading;
  }
  const asked = new Map<string, Namespace | undefined>();
  const namespaceOf = (name: string) => {
    const namespace = namespaces.get(name);
    asked.set(name, namespace);
    return namespace;
  };
  const reading = readAnew(deployment, settings, namespaceOf);
  readings.set(deployment, { settings, namespaces: [...asked], reading });
  return reading;
}

function readAnew(deployment: Deployment, settings: Settings, namespaceOf: Scene['namespaceOf']): Reading {
  const { name, namespace, annotations = {} } = deployment.metadata;
  const complaints: Complaint[] = [];
  const key =
    Object.hasOwn(annotations, CONFIG) || !Object.hasOwn(annotations, AMBASSADOR_CONFIG) ? CONFIG : AMBASSADOR_CONFIG;
  const text = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  const documents = text === undefined ? NO_DOCUMENTS : documentsOf.recall(text);
  const effective = effectiveSettings(settings, namespaceOf(namespace));
  const scene: Scene = {
    deployment,
    settings,
    effective,
    environment: documents.service?.values.environment?.value ?? effective.environment,
    namespaceOf,
    report: complaint => complaints.push(complaint),
  };
  checkAnnotations(annotations, scene.report);
  complaints.push(...documents.complaints);
  const wish = text === undefined ? undefined : wishOf(documents, scene);

  const object = { kind: 'Deployment', namespace, name };
  const origin = { object, key, text: text ?? '' };
  const findings = sortFindings(complaints.map(complaint => toFinding(complaint, origin)));
  const identity = documents.service && identityOf(documents.service.values, scene);
  const naming = identity === undefined ? [] : nameComplaints(identity, scene);
  const reading = {
    object,
    findings,
    naming: naming.map(complaint => toFinding(complaint, origin)),
    ...(identity && { identity: { ...identity, key, text: origin.text } }),
  };
  if (wish === undefined || text === undefined || findings.some(stopsEverything)) return reading;
  const { environment } = scene;
  const { area: ownArea, ...rest } = wish;
  const { area, domain } = effective;
  return { ...reading, intent: { object, key, text, environment, area: ownArea ?? area, domain, ...rest } };
}

type Wish = Pick<Intent, 'service' | 'mappings' | 'ports' | 'serviceLabels'> & { readonly area?: string };

/** What the documents ask for on this Deployment. It counts only if nothing was found that stops everything. */
function wishOf({ service: document, mappings, serviceUnread }: Documents, scene: Scene): Wish {
  const values = document?.values;
  const ports = servicePorts(scene, values?.ports?.value);
  const service = document && inferenceServiceOf(document, ports, scene);
  if (document === undefined && ports.length > 0) checkServiceName(scene);
  const around = {
    ports,
    hostsLost: (values?.hosts?.value.length ?? 0) > 0 && service?.hosts.length === 0,
    ...(service ? { service } : (document ?? serviceUnread) && { service: 'unread' as const }),
  };
  const routed = mappings.flatMap(mapping => mappingOf(mapping, around, scene) ?? []);
  checkMappings(routed, scene);
  const labels = serviceLabelsOf(mappings, scene);
  return {
    ...(service && { service }),
    ...(values?.area && { area: values.area.value }),
    mappings: routed,
    ports,
    ...(labels && { serviceLabels: labels }),
  };
}
