import { POLICY_LABEL } from '../shared/annotation-keys.ts';
import type { ReadContext } from '../shared/read.ts';
import { POLICIES } from '../shared/settings.ts';
import type { Namespace } from '../shared/snapshot.ts';

/** As if `enforce` held everywhere, whatever the platform and its Namespaces say. A policy that is none stays wrong. */
export function enforced({ settings, namespaces }: ReadContext): ReadContext {
  return {
    settings: { ...settings, policy: 'enforce' },
    namespaces: new Map([...namespaces].map(([name, namespace]) => [name, enforcedIn(namespace)])),
  };
}

function enforcedIn(namespace: Namespace): Namespace {
  const { labels } = namespace.metadata;
  const policy = labels?.[POLICY_LABEL]?.trim();
  if (!POLICIES.some(each => each === policy)) return namespace;
  return { metadata: { ...namespace.metadata, labels: { ...labels, [POLICY_LABEL]: 'enforce' } } };
}
