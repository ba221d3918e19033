import { assemble } from '../../controller/assemble.ts';
import type { Assembly } from '../../controller/assemble.ts';
import type { KubeClient } from '../../kube/types.ts';
import { createLog } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/metrics.ts';
import { closeInOrder } from '../../runtime/shutdown.ts';
import type { Compilation } from '../../shared/compilation.ts';
import { compile } from '../../shared/compile.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import type { ApiRequest, ApiServer } from './api-server/server.ts';
import { createNetworkClient } from './network.ts';
import type { Line, NetworkClient } from './network.ts';
import type { Dice } from './random.ts';
import type { ProcessClock, VirtualTime } from './virtual-time.ts';

/** Put between the controller and the world, to see whether the simulator notices. */
export interface Sabotage {
  readonly compile?: (compile: (snapshot: Snapshot) => Compilation) => (snapshot: Snapshot) => Compilation;
  readonly client?: (client: KubeClient) => KubeClient;
}

export interface ProcessOptions {
  readonly server: ApiServer;
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly settings: Settings;
  readonly identity: string;
  readonly leaderElection: boolean;
  readonly line: (isCut: () => boolean) => Line;
  readonly date: () => number;
  readonly skew: number;
  readonly sabotage: Sabotage;
  /** Called around everything that this process does to the server. */
  readonly during: <T>(process: Process, request: ApiRequest, act: () => T) => T;
  /** One line of its log. */
  readonly log?: ((line: string) => void) | undefined;
}

/** One run of `waymark controller`: the very code, with another network, clock and dice. */
export interface Process {
  readonly identity: string;
  readonly clock: ProcessClock;
  readonly network: NetworkClient;
  isLeading(): boolean;
  /** As SIGKILL. `cuts` = also what it has sent and has not arrived. */
  kill(cuts: boolean): void;
  /** As SIGTERM: resolves when it has ended by itself. */
  stop(): Promise<void>;
}

export function startProcess(options: ProcessOptions): Process {
  const { server, time, dice, settings, identity, leaderElection, date, skew, sabotage } = options;
  const clock = time.process();
  let isCut = false;
  const network = createNetworkClient({
    server,
    time,
    clock,
    dice,
    date,
    line: options.line(() => isCut),
    userAgent: 'waymark-controller',
    wallTime: () => date() + skew,
    during: (request, act) => options.during(process, request, act),
  });
  const log = createLog({
    level: options.log === undefined ? 'error' : 'debug',
    component: identity,
    write: options.log ?? (() => undefined),
  });
  const assembly: Assembly = assemble(
    {
      settings,
      leaderElection,
      lease: 'waymark-controller',
      tlsSecret: 'waymark-webhook-tls',
      webhookService: 'waymark-webhook',
      webhookConfiguration: 'waymark',
      certificateValidity: 90 * 86_400_000,
      namespaces: [],
      log,
    },
    {
      client: sabotage.client?.(network) ?? network,
      clock,
      random: () => dice.fraction(),
      registry: createRegistry(),
      identity,
      compile: sabotage.compile?.(compile) ?? compile,
    },
  );
  const process: Process = {
    identity,
    clock,
    network,
    isLeading: () => clock.isAlive() && assembly.leader.isLeading(),
    kill(cuts) {
      isCut = cuts;
      clock.kill();
      network.disturb('stall');
    },
    async stop() {
      await closeInOrder(assembly.closing, log);
      clock.kill();
    },
  };
  assembly.begin();
  return process;
}
