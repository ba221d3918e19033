import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startCluster } from '../../test/cluster/cluster.ts';
import { writeEnterScript } from '../../test/cluster/enter.ts';
import { installWaymark } from '../../test/cluster/install.ts';
import { startKubelet } from '../../test/cluster/kubelet/start.ts';
import { productionImages } from '../../test/cluster/pack.ts';
import type { Cluster } from '../../test/cluster/types.ts';
import { until } from '../../test/cluster/wait.ts';
import { createNarrator } from './narrator.ts';
import type { Narrator } from './narrator.ts';
import { answered, REQUESTS } from './requests.ts';

export interface DemoOptions {
  /** Whether to stay up until Ctrl-C. Before that, Ctrl-C ends the process, and with it the sandbox. */
  readonly stays: boolean;
}

const ROOT = join(import.meta.dirname, '..', '..');
const BUILT = 'service,horizontalpodautoscaler,virtualservice';

/** Rejects with what did not work; everything it started is stopped when it resolves. */
export async function demonstrate({ stays }: DemoOptions): Promise<void> {
  const narrator = createNarrator(text => void process.stdout.write(text), Date.now, process.stdout.isTTY);
  const { chapter, progress } = narrator;

  chapter('A cluster');
  const cluster = await startCluster({ progress });
  try {
    progress('packing Waymark as it is shipped');
    const kubelet = await startKubelet({ cluster, images: await productionImages({ progress }), progress });
    chapter('Waymark, installed by helm');
    await installWaymark(cluster, { values: { settings: demoSettings() }, progress });
    await tell(cluster, narrator);
    if (stays) {
      await sayHowToGoOn(cluster, narrator);
      await untilInterrupted();
      narrator.say('\nstopping');
    }
    await kubelet.stop();
  } finally {
    await cluster.stop();
  }
}

async function tell(cluster: Cluster, narrator: Narrator): Promise<void> {
  const { chapter, progress, command } = narrator;
  const gateway = `http://${cluster.gateway.address}:${cluster.gateway.port}`;
  const shown = async (typed: string) => {
    const printed = await kubectl(cluster, typed);
    command(`kubectl ${typed}`, printed);
    return printed;
  };

  chapter('Two Deployments, each with one annotation');
  await shown('apply -f examples/');
  progress('waiting for their Pods');
  await kubectl(cluster, 'rollout status deployment --namespace service --timeout 60s');
  await kubectl(cluster, 'rollout status deployment --namespace kubeflow --timeout 60s');

  chapter('What admission added');
  for (const [namespace, name] of [
    ['service', 'tfserving-resnet50-20240501'],
    ['kubeflow', 'test'],
  ] as const) {
    const variables = await shown(`set env deployment/${name} --list -n ${namespace}`);
    if (!variables.includes('KUBEFLOW_ENV=prod')) throw new Error(`${name} must have been given its variables`);
  }

  chapter('What the controller built');
  progress('waiting for the routes');
  await until('the Service, autoscaler and routes of the examples', async () => {
    const built = await kubectl(cluster, `get ${BUILT} -A -l app.kubernetes.io/managed-by=waymark -o name`);
    return built.split('\n').filter(line => line.startsWith('virtualservice')).length >= 3;
  });
  await shown(`get ${BUILT} -A -l app.kubernetes.io/managed-by=waymark`);

  chapter('Requests through the gateway');
  for (const request of REQUESTS) {
    const answer = await answered(cluster, request);
    command(`curl -X ${request.method} -H 'Host: ${request.host}' ${gateway}${request.path}`, answer);
  }

  chapter('Three mistakes in one Deployment');
  const refused = await cluster.kubectl(['apply', '-f', 'examples-broken/'], { cwd: ROOT });
  command('kubectl apply -f examples-broken/', refused.stderr);
  const named = new Set(refused.stderr.match(/\bWM\d{3}\b.* \d+:\d+/g));
  if (refused.code === 0 || named.size !== 3) throw new Error('three mistakes must be refused, each with its place');
  const stored = await kubectl(cluster, 'get deployment torch-server-bert-3 -n service --ignore-not-found');
  if (stored !== '') throw new Error('the refused Deployment must not be stored');

  narrator.say('\nAll of it worked.');
}

async function sayHowToGoOn(cluster: Cluster, { chapter, say }: Narrator): Promise<void> {
  const enter = await writeEnterScript(cluster);
  const gateway = `http://${cluster.gateway.address}:${cluster.gateway.port}`;
  chapter('The cluster stays up until Ctrl-C');
  say(
    [
      `kubeconfig: ${cluster.kubeconfig}`,
      '',
      'It has a network of its own. From another terminal of the same user, for example:',
      '',
      `  ${enter} kubectl get deployment,service,hpa,virtualservice -n service`,
      `  ${enter} kubectl edit deployment tfserving-resnet50-20240501 -n service   # write \`environment: prd\``,
      `  ${enter} kubectl annotate deployment test -n kubeflow getambassador.io/config-   # what it made goes`,
      `  ${enter} curl -H 'Host: resnet.example.com' ${gateway}/v1/models/resnet50`,
      `  ${enter}   # a shell`,
    ].join('\n'),
  );
}

/** Waiting for a signal alone does not keep a process alive. */
async function untilInterrupted(): Promise<void> {
  const alive = setInterval(() => undefined, 3_600_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
  clearInterval(alive);
}

/** Rejects when kubectl says no. */
async function kubectl(cluster: Cluster, args: string): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args.split(' '), { cwd: ROOT, timeout: 90_000 });
  if (code !== 0) throw new Error(`kubectl ${args}: ${stderr.trim()}`);
  return stdout;
}

function demoSettings(): unknown {
  return parse(readFileSync(join(ROOT, 'examples', 'platform', 'settings.yaml'), 'utf8'));
}
