import { CONFIG } from '../../shared/annotation-keys.ts';
import type { Container, Deployment, Metadata } from '../../shared/deployment.ts';

export interface DeploymentParts {
  readonly config?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly metadata?: Partial<Metadata>;
}

/** A Deployment as a user writes it: `deployment('shop/web', { config: '…' })`. */
export function deployment(path: string, parts: DeploymentParts = {}): Deployment {
  const [namespace = '', name = ''] = path.split('/');
  const labels = { app: name };
  const annotations = { ...parts.annotations, ...(parts.config !== undefined && { [CONFIG]: parts.config }) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, annotations, ...parts.metadata },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: parts.containers ?? [container('main')],
          ...(parts.initContainers && { initContainers: parts.initContainers }),
        },
      },
    },
  };
}

export function container(name: string, parts: Partial<Container> = {}): Container {
  return { name, image: `example.com/${name}:1`, ports: [{ name: 'http', containerPort: 8080 }], ...parts };
}

/** As the API server hands an object on: what is empty is left out. */
export function asStored(object: Deployment): Deployment {
  const { template } = object.spec;
  const lists = (['containers', 'initContainers'] as const).flatMap(list => {
    const containers = template.spec[list];
    return containers ? [[list, containers.map(storedContainer)] as const] : [];
  });
  const stored = {
    ...object,
    spec: { ...object.spec, template: { ...template, spec: { ...template.spec, ...Object.fromEntries(lists) } } },
  };
  return structuredClone(stored);
}

function storedContainer({ env, ...rest }: Container): Container {
  if (!env || env.length === 0) return rest;
  return { ...rest, env: env.map(({ value, ...entry }) => (value ? { ...entry, value } : entry)) };
}
