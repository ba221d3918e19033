import type { NamespaceSetting } from './settings.ts';

/** Every annotation and label that Waymark reads or writes, once. */

export const PREFIX = 'waymark.dev/';

export const CONFIG = 'waymark.dev/config';
/** Read in the same way, so that users of Ambassador move by moving the annotation. */
export const AMBASSADOR_CONFIG = 'getambassador.io/config';

/** `"true"`: this version leads its hosts whatever its age. */
export const ACTIVE = 'waymark.dev/active';

export interface AnnotationKey {
  readonly key: string;
  /** `bookkeeping` is written by Waymark alone; whether a user may send it is decided at admission. */
  readonly use: 'documents' | 'switch' | 'bookkeeping';
  readonly doc: string;
}

/** On a Deployment. Everything else under the prefix is refused. */
export const DEPLOYMENT_ANNOTATIONS: readonly AnnotationKey[] = [
  { key: CONFIG, use: 'documents', doc: 'What the Deployment asks for: one or more YAML documents.' },
  {
    key: 'waymark.dev/paused',
    use: 'switch',
    doc: '"true": everything that was built for this Deployment stays as it is.',
  },
  {
    key: ACTIVE,
    use: 'switch',
    doc: '"true": this version leads its hosts whatever its age, and one that was retired comes back.',
  },
  {
    key: 'waymark.dev/injected',
    use: 'bookkeeping',
    doc: 'Which variables the webhook added to which container.',
  },
  {
    key: 'waymark.dev/replicas',
    use: 'bookkeeping',
    doc: 'The size that the Deployment had before it was retired.',
  },
];

/** On a Namespace: what its project group sets for itself. The key is the prefix and the name of the setting. */
export function namespaceAnnotation(setting: string): string {
  return PREFIX + setting;
}

/** A label, not an annotation, so that Namespaces can be selected by it. */
export const POLICY_LABEL = 'waymark.dev/policy';

/**
 * The owner's half of moving a host to another namespace, as an annotation of the Namespace. No setting of the
 * platform's to grant: it gives away nothing but one's own, and only what the other side may have.
 */
export const HAND_OVER = 'hand-over';

export const NAMESPACE_DOCS: Readonly<Record<NamespaceSetting | typeof HAND_OVER, string>> = {
  environment: 'Environment of what names none: prod, test or debug.',
  area: '`KUBEFLOW_AREA` of what names none.',
  domain: 'Domain of built-in hosts.',
  'external-ips': 'Addresses for access by address and port, in place of those of the platform.',
  'allowed-hosts':
    "A list of DNS names: hosts of one's own must be one of them or lie under one. An empty list allows none.",
  'allow-traffic-from': 'A list of namespaces whose Mappings may send to Services here; `*` is all.',
  'hand-over':
    'A list such as `shop.example.com=team-b`: hosts that go to another namespace as soon as a Deployment there names them and is ready.',
  policy: 'A label, not an annotation. What becomes of a text with an error: enforce, warn, audit or off.',
};
