import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { run, runOrThrow } from '../command.ts';

/**
 * The pods' network: a bridge in the namespace where the cluster runs, and one network namespace per pod on it.
 *
 * ```
 *   pod A  eth0 10.244.1.2 ──veth──┐
 *   pod B  eth0 10.244.1.3 ──veth──┤ bridge pods1 10.244.1.1 ── lo 10.0.0.2  API server, Istio, Envoy
 * ```
 *
 * Two pods may bind the same port on 0.0.0.0, and an EndpointSlice holds addresses that really answer.
 */
export interface PodNetwork {
  attach(hostname: string): Promise<PodNamespace>;
  close(): Promise<void>;
}

export interface PodNamespace {
  readonly address: string;
  /** What `nsenter` takes to enter it. */
  readonly enter: readonly string[];
  release(): Promise<void>;
}

const SUBNETS = 254;
const GATEWAY_HOST = 1;
const LAST_HOST = 254;

export async function openNetwork(): Promise<PodNetwork> {
  await refuseRealNetwork();
  const subnet = await addBridge();
  const bridge = `pods${subnet}`;
  const gateway = `10.244.${subnet}.${GATEWAY_HOST}`;
  // Without one of its own a bridge takes the lowest of its ports', which changes with every pod that comes or goes, and
  // the others send into nothing until they ask again, seconds later.
  await ip(
    `link set ${bridge} address ${hardwareAddress(subnet, GATEWAY_HOST)}`,
    `address add ${gateway}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  );

  const taken = new Set<number>();
  let last = GATEWAY_HOST;

  /** The one that was free longest: a connection to a pod that went never reaches the next one. */
  function takeHost(): number {
    for (let step = 0; step < LAST_HOST; step++) {
      last = last >= LAST_HOST ? 2 : last + 1;
      if (taken.has(last)) continue;
      taken.add(last);
      return last;
    }
    throw new Error(`all ${LAST_HOST - 1} pod addresses of 10.244.${subnet}.0/24 are taken`);
  }

  return {
    async attach(hostname) {
      const host = takeHost();
      const link = `${bridge}-${host}`;
      const address = `10.244.${subnet}.${host}`;
      const holder = await holdNamespace(hostname);
      const enter = [`--net=/proc/${holder.pid}/ns/net`, `--uts=/proc/${holder.pid}/ns/uts`];
      const release = async () => {
        await holder.end();
        // It goes with the namespace, but a little later, and the name may be wanted again at once.
        await run('ip', ['link', 'delete', link]);
        taken.delete(host);
      };
      try {
        await ip(
          `link add ${link} type veth peer name eth0 address ${hardwareAddress(subnet, host)} netns ${holder.pid}`,
          `link set ${link} master ${bridge} up`,
        );
        const inside = [
          'link set lo up',
          `address add ${address}/24 dev eth0`,
          'link set eth0 up',
          `route add default via ${gateway}`,
        ];
        await runOrThrow('nsenter', [...enter, 'ip', '-batch', '-'], { input: inside.join('\n') });
      } catch (error) {
        await release();
        throw error;
      }
      return { address, enter, release };
    },

    async close() {
      await run('ip', ['link', 'delete', bridge]);
    },
  };
}

/** Pod addresses may exist elsewhere on a real network, and traffic must never get there. */
async function refuseRealNetwork(): Promise<void> {
  const { stdout } = await runOrThrow('ip', ['route', 'show', 'default']);
  if (stdout.trim() === '') return;
  throw new Error(
    'pods run only in a network namespace of their own, and this one has a default route; ' +
      'start through `node test/cluster/sandbox.ts -- COMMAND`',
  );
}

/** Claims the first free subnet. Adding the bridge is atomic, so two clusters in one sandbox never share one. */
async function addBridge(): Promise<number> {
  for (let subnet = 1; subnet <= SUBNETS; subnet++) {
    const { code, stderr } = await run('ip', ['link', 'add', `pods${subnet}`, 'type', 'bridge']);
    if (code === 0) return subnet;
    if (!stderr.includes('File exists')) throw new Error(`a bridge for the pods cannot be added: ${stderr.trim()}`);
  }
  throw new Error('no pod subnet is free');
}

/** Made from the address, so that a neighbour's memory of it stays right when the address is used again. */
function hardwareAddress(subnet: number, host: number): string {
  return ['0a', '58', ...[10, 244, subnet, host].map(byte => byte.toString(16).padStart(2, '0'))].join(':');
}

async function ip(...commands: string[]): Promise<void> {
  await runOrThrow('ip', ['-batch', '-'], { input: commands.join('\n') });
}

/** A process that does nothing but keep a network and a host name alive, as a real pod's pause container does. */
async function holdNamespace(hostname: string): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const script = 'hostname "$1" && echo held && exec sleep infinity';
  const child = spawn('unshare', ['--net', '--uts', '--', 'sh', '-c', script, 'pause', hostname], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const held = once(child.stdout, 'data').then(() => true);
  const ready = await Promise.race([held, exited.then(() => false)]);
  const { pid } = child;
  if (!ready || pid === undefined) throw new Error(`a pod's network namespace cannot be made: ${complaint.trim()}`);
  return {
    pid,
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
