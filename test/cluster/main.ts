import { once } from 'node:events';
import { startCluster } from './cluster.ts';
import { writeEnterScript } from './enter.ts';
import { enterSandbox, isInSandbox } from './isolation.ts';
import { prepare } from './prepare.ts';

const USAGE = `usage: node test/cluster/main.ts build|up

  build   builds and downloads everything that clusters are made of, once
  up      starts a cluster and keeps it until Ctrl-C
`;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function up(): Promise<void> {
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
  const cluster = await startCluster({ progress: say });
  const enter = await writeEnterScript(cluster);
  const { address, port } = cluster.gateway;
  say(`
The cluster has a network of its own. From any terminal of the same user:

  ${enter} kubectl get pods --all-namespaces
  ${enter} helm list --all-namespaces
  ${enter} curl --header 'Host: shop.example' http://${address}:${port}/
  ${enter}          (a shell)

Logs are in ${cluster.directory}/logs. Ctrl-C ends it and leaves nothing behind.`);
  // A promise alone does not keep the process alive.
  const alive = setInterval(() => undefined, 3_600_000);
  await interrupted;
  clearInterval(alive);
  await cluster.stop();
}

async function main(): Promise<number> {
  const [command, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (command !== 'build' && command !== 'up')) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (command === 'up' && isInSandbox()) {
    await up();
    return 0;
  }
  await prepare(say);
  return command === 'build' ? 0 : enterSandbox([process.execPath, import.meta.filename, 'up']);
}

main().then(
  code => (process.exitCode = code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
