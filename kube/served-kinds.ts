import { createInformer } from './informer.ts';
import { RESOURCES } from './resources.ts';
import type { Informer, InformerOptions, KubeObject, Resource } from './types.ts';

/** Whether a kind of a CustomResourceDefinition is there, so that nobody has to ask for it again and again. */
export interface ServedKind {
  /** `undefined` = not known: the definitions cannot be seen. */
  isServed(): boolean | undefined;
  start(): void;
  stop(): Promise<void>;
}

export type ServedKindOptions = Pick<InformerOptions<unknown>, 'client' | 'log' | 'clock' | 'random'>;

/** Watches one definition by its name. `onServed` is called when it is there from now on. */
export function watchServedKind(options: ServedKindOptions, kind: Resource, onServed: () => void): ServedKind {
  const [group = '', version = ''] = kind.apiVersion.split('/');
  const name = `${kind.plural}.${group}`;
  const informer: Informer<boolean> = createInformer<boolean>({
    ...options,
    resource: RESOURCES.customResourceDefinitions,
    fieldSelector: `metadata.name=${name}`,
    project: definition => isEstablished(definition) && serves(definition, version),
    onChange: ({ after }) => {
      if (after === true) onServed();
    },
  });
  return {
    isServed: () => (informer.isSynced() ? (informer.get('', name) ?? false) : undefined),
    start: () => informer.start(),
    stop: () => informer.stop(),
  };
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
function isEstablished({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}

function serves({ spec }: KubeObject, version: string): boolean {
  const { versions = [] } = (spec ?? {}) as {
    readonly versions?: readonly { readonly name: string; readonly served: boolean }[];
  };
  return versions.some(({ name, served }) => name === version && served);
}
