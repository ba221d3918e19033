import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveDeployment } from './objects.ts';
import { find } from './objects.ts';
import { unannotated } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import type { World } from './world.ts';

/** One way in which users bring a Deployment to the API server. */
export interface Way {
  /** Brings the cluster to the manifest, whether the Deployment is there or not. */
  readonly bring: (world: World, manifest: Manifest) => Promise<void>;
  /**
   * Whether a request that changes nothing carries the variables that are stored. Where it does not, since it replaces lists
   * or the whole object, the webhook must put them back, and the API server finds nothing to store.
   */
  readonly keepsVariables: boolean;
}

/** What the Deployment controller writes on every Deployment; whoever replaces the whole object must send it back. */
const REVISION = 'deployment.kubernetes.io/revision';

export const WAYS: Readonly<Record<string, Way>> = {
  'kubectl apply': {
    keepsVariables: true,
    bring: async (world, manifest) => kubectl(world, ['apply'], manifest),
  },
  'kubectl apply --server-side': {
    keepsVariables: true,
    bring: async (world, manifest) => kubectl(world, ['apply', '--server-side'], manifest),
  },
  'kubectl replace': {
    keepsVariables: false,
    async bring(world, manifest) {
      const stored = await live(world, manifest);
      if (stored === undefined) return kubectl(world, ['create'], manifest);
      const revision = stored.metadata.annotations?.[REVISION];
      const { metadata } = manifest;
      const marks = { ...metadata.annotations, ...(revision !== undefined && { [REVISION]: revision }) };
      return kubectl(world, ['replace'], { ...manifest, metadata: { ...metadata, annotations: marks } });
    },
  },
  'kubectl edit': {
    keepsVariables: true,
    async bring(world, manifest) {
      const stored = await live(world, manifest);
      if (stored === undefined) return kubectl(world, ['create'], manifest);
      return kubectl(world, ['replace'], edited(stored, manifest));
    },
  },
  'kubectl patch --type strategic': {
    keepsVariables: true,
    bring: (world, manifest) => patch(world, manifest, 'strategic', wholeOf(manifest)),
  },
  'kubectl patch --type merge': {
    keepsVariables: false,
    bring: (world, manifest) => patch(world, manifest, 'merge', wholeOf(manifest)),
  },
  'kubectl patch --type json': {
    keepsVariables: true,
    bring: (world, manifest) => patch(world, manifest, 'json', operationsOf(manifest)),
  },
  'helm upgrade': {
    keepsVariables: true,
    async bring({ cluster }, manifest) {
      const { name, namespace } = manifest.metadata;
      const { code, stderr } = await cluster.helm(
        ['upgrade', '--install', name, chartOf(cluster.directory, manifest), '--namespace', namespace],
        {},
      );
      if (code !== 0) throw new Error(`helm upgrade ended with ${code}:\n${stderr}`);
    },
  },
};

async function kubectl(world: World, args: readonly string[], manifest: object): Promise<void> {
  await world.kubectl([...args, '-f', '-'], { input: JSON.stringify(manifest) });
}

function live({ cluster }: World, { metadata }: Manifest): Promise<LiveDeployment | undefined> {
  return find<LiveDeployment>(cluster, 'Deployment', metadata.namespace, metadata.name);
}

/** What is left in an editor after its user changed annotations and images by hand. */
function edited(stored: LiveDeployment, { metadata, spec }: Manifest): object {
  const { template } = stored.spec;
  const images = new Map(spec.template.spec.containers.map(({ name, image }) => [name, image]));
  return {
    ...stored,
    metadata: { ...stored.metadata, annotations: { ...stored.metadata.annotations, ...metadata.annotations } },
    spec: {
      ...stored.spec,
      template: {
        ...template,
        spec: {
          ...template.spec,
          containers: template.spec.containers.map(one => ({ ...one, image: images.get(one.name) ?? one.image })),
        },
      },
    },
  };
}

/** A patch needs something to patch: the Deployment as it was before its user heard of Waymark. */
async function patch(world: World, manifest: Manifest, type: string, body: unknown): Promise<void> {
  const { name, namespace } = manifest.metadata;
  if ((await live(world, manifest)) === undefined) {
    const { metadata, ...rest } = unannotated(manifest);
    await kubectl(world, ['create'], { ...rest, metadata: { ...metadata, annotations: { team: 'vision' } } });
  }
  await world.kubectl(['patch', 'deployment', name, '-n', namespace, '--type', type, '-p', JSON.stringify(body)]);
}

function wholeOf({ metadata, spec }: Manifest): object {
  return { metadata: { annotations: metadata.annotations }, spec: { template: spec.template } };
}

function operationsOf({ metadata, spec }: Manifest): readonly object[] {
  const { annotations = {} } = metadata;
  return [
    ...Object.entries(annotations).map(([key, value]) => ({
      op: 'add',
      path: `/metadata/annotations/${escaped(key)}`,
      value,
    })),
    ...spec.template.spec.containers.map(({ image }, index) => ({
      op: 'replace',
      path: `/spec/template/spec/containers/${index}/image`,
      value: image,
    })),
  ];
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A chart of one template: the manifest, with nothing in it that helm would take for its own language. */
function chartOf(directory: string, manifest: Manifest): string {
  const chart = join(directory, 'charts', manifest.metadata.name);
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${manifest.metadata.name}\nversion: 1.0.0\n`);
  writeFileSync(join(chart, 'templates', 'deployment.yaml'), JSON.stringify(manifest));
  return chart;
}
