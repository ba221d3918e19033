import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf, expand } from './environment.ts';
import type { Placement } from './environment.ts';
import { programOf } from './image-program.ts';
import type { Mount } from './launch-script.ts';
import type { NodeContext } from './node-context.ts';
import { isMissing } from './objects.ts';
import type { Container, Missing, Pod } from './objects.ts';
import type { LaunchOptions } from './processes.ts';

export interface ContainerPlanInput {
  readonly node: NodeContext;
  readonly pod: Pod;
  readonly container: Container;
  readonly placement: Placement;
  /** Of this pod. */
  readonly folder: string;
  /** Volume name → its folder or file on this machine. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly enter: readonly string[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How a container is launched now, or what it still lacks. */
export async function planContainer(input: ContainerPlanInput): Promise<LaunchOptions | Missing> {
  const { node, pod, container, placement, folder, volumes, enter } = input;
  const program = programOf(container.image ?? '', node.images);
  if (isMissing(program)) return program;
  const base = baseEnvironment(input);
  const environment = environmentOf({ pod, container, placement, sources: node.sources, base });
  if (isMissing(environment)) return environment;
  const mounts = await mountsOf(container, volumes, environment);
  if (isMissing(mounts)) return mounts;
  return {
    enter,
    logFile: logFileOf(node.logFolder, pod, container),
    folder: join(folder, 'containers', container.name),
    mounts: [{ source: join(folder, 'hosts'), target: '/etc/hosts', kind: 'file', readOnly: true }, ...mounts],
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
    environment,
    workingFolder: container.workingDir ?? program.cwd ?? '/',
    command: [
      ...(container.command?.map(text => expand(text, environment)) ?? program.command),
      ...(container.args ?? []).map(text => expand(text, environment)),
    ],
  };
}

export function logFileOf(folder: string, { metadata }: Pod, { name }: Container): string {
  return join(folder, `${logPrefix(metadata.namespace, metadata.name)}${name}.log`);
}

/** How the names of log files of a namespace or a pod begin. No name can hold an underscore, so no prefix is another's. */
export function logPrefix(...names: readonly [namespace: string, pod?: string]): string {
  return `pod_${names.join('_')}_`;
}

function baseEnvironment({ node, pod, container }: ContainerPlanInput): Record<string, string> {
  const { host, port } = node.apiServer;
  const ports = (container.ports ?? []).map(({ containerPort }) => containerPort);
  return {
    PATH,
    HOME: '/root',
    HOSTNAME: pod.metadata.name,
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
    // For the echo program, which serves whatever the manifest names.
    WAYMARK_TEST_PORTS: ports.join(','),
  };
}

async function mountsOf(
  container: Container,
  volumes: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string>>,
): Promise<Mount[] | Missing> {
  const mounts: Mount[] = [];
  // Outer paths first, or the inner ones would be covered.
  const sorted = [...(container.volumeMounts ?? [])].sort(
    (one, other) => one.mountPath.length - other.mountPath.length,
  );
  for (const { name, mountPath, subPath, subPathExpr, readOnly = false } of sorted) {
    const volume = volumes.get(name);
    if (volume === undefined) return { missing: `no volume is named "${name}"` };
    const inside = subPathExpr === undefined ? subPath : expand(subPathExpr, environment);
    const source = inside === undefined ? volume : join(volume, inside);
    const found = await stat(source).catch(() => undefined);
    if (found === undefined) await mkdir(source, { recursive: true });
    mounts.push({ source, target: mountPath, kind: found?.isFile() === true ? 'file' : 'folder', readOnly });
  }
  return mounts;
}
