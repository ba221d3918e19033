import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { logPrefix } from './kubelet/container-plan.ts';
import type { Cluster } from './types.ts';
import { until } from './wait.ts';

export const SYSTEM_NAMESPACE = 'waymark-system';

const RELEASE = 'waymark';
const CHART = join(import.meta.dirname, '../../charts/waymark');
/** Of each container, when the installation fails. */
const LOG_LINES = 15;
const HOOKS = '/apis/admissionregistration.k8s.io/v1';

export interface InstallOptions {
  /** The chart's values, over its own defaults. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly progress?: (line: string) => void;
  /** Milliseconds for each thing that is waited for; default 60 000. */
  readonly timeout?: number;
}

/**
 * Installs or upgrades the real chart with helm, and resolves when Waymark does its work: all pods are of this revision and
 * available, the controller has handed out the certificate, and the API server gets answers from the webhook.
 * Needs a kubelet that knows the image `waymark`. Rejects with what the pods say when something does not come about.
 */
export async function installWaymark(cluster: Cluster, options: InstallOptions = {}): Promise<void> {
  const { values = {}, progress = () => undefined, timeout = 60_000 } = options;
  progress('helm installs the chart');
  const command = ['upgrade', '--install', RELEASE, CHART, '--namespace', SYSTEM_NAMESPACE, '--create-namespace'];
  await helm(cluster, [...command, '--values', '-'], JSON.stringify(values));

  const wait = async (what: string, look: () => Promise<boolean>) => {
    progress(`waiting until ${what}`);
    try {
      await until(what, look, { timeout });
    } catch (error) {
      throw new Error(`${String(error)}\n${await picture(cluster)}`, { cause: error });
    }
  };
  await wait('the Deployments of Waymark are available', () => areAvailable(cluster));
  await wait('the webhook configurations have their caBundle', () => haveAuthority(cluster));
  await wait('the API server gets answers from the webhook', () => answers(cluster, isEnforcing(values)));
}

/** Resolves when helm has removed the release and no pod of it is left; the namespace stays, as helm leaves it. */
export async function uninstallWaymark(cluster: Cluster, { timeout = 60_000 } = {}): Promise<void> {
  await helm(cluster, ['uninstall', RELEASE, '--namespace', SYSTEM_NAMESPACE]);
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/pods`;
  await until('the pods of Waymark are gone', async () => (await items(cluster, path)).length === 0, { timeout });
}

async function helm(cluster: Cluster, args: readonly string[], input = ''): Promise<void> {
  const { code, stdout, stderr } = await cluster.helm(args, { input });
  if (code !== 0) throw new Error(`helm ${args[0] ?? ''} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
}

interface Deployment {
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: Readonly<Record<string, number | undefined>>;
}

async function areAvailable(cluster: Cluster): Promise<boolean> {
  const path = `/apis/apps/v1/namespaces/${SYSTEM_NAMESPACE}/deployments`;
  const deployments = (await items(cluster, path)) as Deployment[];
  return deployments.length > 0 && deployments.every(isRolledOut);
}

/** Pods of an older revision that still end do not count as the status' `replicas` any more. */
function isRolledOut({ metadata, spec: { replicas = 1 }, status = {} }: Deployment): boolean {
  const counts = [status['replicas'], status['updatedReplicas'], status['availableReplicas']];
  return status['observedGeneration'] === metadata.generation && counts.every((count = 0) => count === replicas);
}

interface HookConfiguration {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

async function haveAuthority(cluster: Cluster): Promise<boolean> {
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    const { webhooks = [] } = (await cluster.api('GET', `${HOOKS}/${plural}/${RELEASE}`)).body as HookConfiguration;
    if (webhooks.length === 0 || webhooks.some(({ clientConfig }) => !clientConfig.caBundle)) return false;
  }
  return true;
}

/**
 * Asks in the way that counts, with a dry run that nobody ever sees. The text is refused by a webhook that enforces;
 * under every other policy all that shows is that the call did not fail.
 */
async function answers(cluster: Cluster, enforcing: boolean): Promise<boolean> {
  const labels = { app: 'install-check' };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'install-check', annotations: { 'waymark.dev/config': 'kind: Nothing' } },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'none', image: 'none' }] } },
    },
  };
  const path = '/apis/apps/v1/namespaces/default/deployments?dryRun=All';
  const { status, body } = await cluster.api('POST', path, deployment);
  if (status === (enforcing ? 403 : 201)) return true;
  throw new Error(`a dry run was answered with ${status}: ${String((body as { message?: unknown }).message)}`);
}

function isEnforcing(values: Readonly<Record<string, unknown>>): boolean {
  const { policy = 'enforce' } = (values['settings'] ?? {}) as { readonly policy?: string };
  return policy === 'enforce';
}

async function items(cluster: Cluster, path: string): Promise<readonly unknown[]> {
  const { body } = await cluster.api('GET', path);
  return (body as { items?: readonly unknown[] }).items ?? [];
}

/** What somebody would look at first: the pods, and the end of what each of their containers printed. */
async function picture(cluster: Cluster): Promise<string> {
  const pods = await cluster.kubectl(['get', 'pods', '-o', 'wide', '--namespace', SYSTEM_NAMESPACE]);
  const folder = join(cluster.directory, 'logs');
  const logs = readdirSync(folder)
    .filter(file => file.startsWith(logPrefix(SYSTEM_NAMESPACE)))
    .map(file => `--- ${file}\n${lastLines(join(folder, file))}`);
  return [pods.stdout + pods.stderr, ...logs].join('\n');
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
