import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Handler, Probe } from './objects.ts';
import type { ContainerProcess } from './processes.ts';
import { pause } from './timing.ts';

/** Why a check did not pass; `undefined` = it passed. */
export type Complaint = string | undefined;

export interface CheckTarget {
  readonly container: Container;
  readonly podAddress: string;
  readonly process: ContainerProcess;
}

export interface ProbeOptions {
  readonly probe: Probe;
  readonly target: CheckTarget;
  /** Whether a pass is awaited eagerly: true for startup and readiness, false for liveness. */
  readonly eager: boolean;
  /** Called whenever one of the thresholds is reached, with the last complaint. */
  readonly onOutcome: (passed: boolean, complaint: Complaint) => void;
  readonly signal: AbortSignal;
}

/** Between the tries that come before the first pass, milliseconds. */
const EAGER_PERIOD = 100;
/** The same for commands, which cost a process each. */
const EAGER_COMMAND_PERIOD = 500;

/**
 * Probes until the signal is aborted.
 *
 * A real kubelet tries once a period, so that a program which needs half a second is found ready after ten. Until the first
 * pass this one also tries in between; a failure of such an extra try is not counted.
 */
export async function runProbe({ probe, target, eager, onOutcome, signal }: ProbeOptions): Promise<void> {
  const { successThreshold = 1, failureThreshold = 3 } = probe;
  const period = (probe.periodSeconds ?? 10) * 1_000;
  const eagerPeriod = Math.min(period, probe.exec === undefined ? EAGER_PERIOD : EAGER_COMMAND_PERIOD);
  await pause((probe.initialDelaySeconds ?? 0) * 1_000, signal);

  let passes = 0;
  let failures = 0;
  let waiting = eager;
  let countedAt = -Infinity;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const complaint = await check(probe, target, (probe.timeoutSeconds ?? 1) * 1_000);
    if (isAborted(signal)) return;
    if (complaint === undefined) {
      failures = 0;
      if (++passes >= successThreshold) {
        waiting = false;
        onOutcome(true, undefined);
      }
    } else if (startedAt - countedAt >= period) {
      countedAt = startedAt;
      passes = 0;
      if (++failures >= failureThreshold) onOutcome(false, complaint);
    }
    await pause((waiting ? eagerPeriod : period) - (performance.now() - startedAt), signal);
  }
}

/** A property that changes while we wait; the compiler takes it for constant after one look. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Does once what a probe or a lifecycle hook says. `timeout` in milliseconds. Never rejects. */
export async function check(handler: Probe | Handler, target: CheckTarget, timeout: number): Promise<Complaint> {
  if (handler.httpGet !== undefined) return checkHttp(handler.httpGet, target, timeout);
  if (handler.tcpSocket !== undefined) return checkTcp(handler.tcpSocket, target, timeout);
  if (handler.exec !== undefined) return checkCommand(handler.exec.command ?? [], target, timeout);
  return `unsupported kind of check: ${Object.keys(handler).join(', ')}`;
}

async function checkCommand(command: readonly string[], target: CheckTarget, timeout: number): Promise<Complaint> {
  try {
    const { code, stdout, stderr } = await target.process.execute(command, timeout);
    return code === 0 ? undefined : `command ended with ${code}: ${(stdout + stderr).trim()}`;
  } catch (error) {
    return `command could not be started: ${String(error)}`;
  }
}

type HttpGet = NonNullable<Probe['httpGet']>;

function checkHttp(action: HttpGet, target: CheckTarget, timeout: number): Promise<Complaint> {
  const port = portOf(action.port, target.container);
  if (port === undefined) return Promise.resolve(`no container port is named '${action.port}'`);
  const secure = action.scheme === 'HTTPS';
  const headers = Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return new Promise(resolve => {
    const request = (secure ? httpsRequest : httpRequest)({
      host: action.host ?? target.podAddress,
      port,
      path: action.path ?? '/',
      headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close', ...headers },
      // As a kubelet: it asks whether somebody answers, not who.
      rejectUnauthorized: false,
      agent: false,
      signal: AbortSignal.timeout(timeout),
    });
    request.on('response', response => {
      const { statusCode: status = 0 } = response;
      response.resume();
      resolve(status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`);
    });
    request.on('error', error => resolve(error.message));
    request.end();
  });
}

type TcpSocket = NonNullable<Probe['tcpSocket']>;

function checkTcp(action: TcpSocket, target: CheckTarget, timeout: number): Promise<Complaint> {
  const port = portOf(action.port, target.container);
  if (port === undefined) return Promise.resolve(`no container port is named '${action.port}'`);
  return new Promise(resolve => {
    const socket = connect({ host: action.host ?? target.podAddress, port });
    const end = (complaint: Complaint) => {
      socket.destroy();
      resolve(complaint);
    };
    socket.setTimeout(timeout, () => end('timed out'));
    socket.on('connect', () => end(undefined));
    socket.on('error', error => end(error.message));
  });
}

function portOf(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}
