/** The harness as tests and the demo see it: a real control plane, a real gateway, pods that really run. */

export interface ClusterOptions {
  /** One line for every step, with what it waits for; default: silent. */
  readonly progress?: (line: string) => void;
  /** Leaves out Istio and Envoy for tests that route nothing; default true. */
  readonly istio?: boolean;
  /** Serves Istio's CRDs from the start; default: as `istio`. They can be created later with `installIstioCrds`. */
  readonly istioCrds?: boolean;
  /** Kubernetes' own controllers; default true. Without them nothing changes that the test does not change. */
  readonly controllers?: boolean;
  /** Kubernetes' autoscaler looks every second, and neither waits nor damps; default: as it does by itself. */
  readonly promptAutoscaling?: boolean;
  /** Files of the run: kubeconfigs, keys, logs. Kept when the test failed; default: a temporary folder. */
  readonly directory?: string;
}

export interface Cluster {
  readonly directory: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly apiServer: {
    readonly url: string;
    readonly caFile: string;
    readonly token: string;
    /** Of its serving certificate, for who stands in front of it. */
    readonly certificateFile: string;
    readonly keyFile: string;
  };
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Envoy's HTTP listener, as the Gateway `istio-system/ingressgateway` opens it. */
  readonly gateway: { readonly address: string; readonly port: number };
  /** Speaks to the API server as administrator; resolves for every status. */
  api(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  kubectl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  helm(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** One request through Envoy. */
  send(request: GatewayRequest): Promise<GatewayAnswer>;
  /** Entries of the API server's audit log, oldest first, from `since` (milliseconds since the epoch). */
  audit(since?: number): Promise<readonly AuditEntry[]>;
  installIstioCrds(): Promise<void>;
  /** Kills the API server alone, and starts it again with the same address and data; everything else goes on. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Freezes etcd, so that the API server answers nothing that needs it, and thaws it. */
  pauseEtcd(): void;
  resumeEtcd(): void;
  /** Ends every process and removes the run's files, unless `keep`. */
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface CommandOptions {
  readonly input?: string;
  /** Milliseconds; default 60 000. */
  readonly timeout?: number;
  readonly cwd?: string;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GatewayRequest {
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AuditEntry {
  readonly user: string;
  /** The Pod whose token was presented; empty for other tokens. */
  readonly pod: string;
  readonly verb: string;
  /** Path and query. */
  readonly uri: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  readonly userAgent: string;
  /** Milliseconds since the epoch, when the request arrived. */
  readonly at: number;
  /** What admission and authorization noted, for example which webhook changed the object. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the echo program answers: who was reached and what arrived. */
export interface EchoAnswer {
  readonly pod: string;
  readonly namespace: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Image name without tag → the program that a container of it runs. */
export type Images = Readonly<Record<string, ImageProgram>>;

export interface ImageProgram {
  /** Entry point; the container's `command` replaces it, `args` follow it. */
  readonly command: readonly string[];
  readonly cwd?: string;
}

export interface KubeletOptions {
  readonly cluster: Cluster;
  readonly images: Images;
  /** Milliseconds that a container which ended again and again is kept waiting at most; default 5 000. */
  readonly longestBackoff?: number;
  readonly progress?: (line: string) => void;
}

/** Scheduler and kubelet in one: binds pods to the node and runs their containers as local processes. */
export interface Kubelet {
  /** Kills a pod's processes with SIGKILL, as a crash would; the pod restarts as its policy says. */
  crash(namespace: string, pod: string): Promise<void>;
  /** Freezes and thaws a pod's processes. */
  pause(namespace: string, pod: string): void;
  resume(namespace: string, pod: string): void;
  /** What the containers of a pod printed so far. */
  logs(namespace: string, pod: string): string;
  stop(): Promise<void>;
}
