/** Everything that happens to a simulated cluster from outside, as data: it can be printed, cut short and run again. */
export interface Schedule {
  readonly seed: number;
  /** Of the cluster around Waymark. */
  readonly setting: Setting;
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}

export interface Setting {
  /** Two that share a Lease, or one alone without. */
  readonly replicas: 1 | 2;
  /** Endpoints in a slice. */
  readonly perSlice: number;
  /** Items on a page of a list. */
  readonly pageSize: number;
  /** Milliseconds by which the clock of the controller's machine is wrong. */
  readonly skew: number;
  /** Milliseconds; of the platform. */
  readonly bake: number;
  readonly drain: number;
  /** Of the platform: every line has a path there as well; empty = there is none. */
  readonly ingressHost: string;
}

/** A Deployment as its team writes it. */
export interface Manifest {
  readonly namespace: string;
  /** `<type>-<model>-<version>`. */
  readonly name: string;
  readonly hosts: readonly string[];
  /** Lines of the InferenceService beside its identity and hosts. */
  readonly lines: readonly string[];
  /** Absent = the manifest does not say. */
  readonly replicas?: number;
  readonly image: string;
}

/** `at` in milliseconds from the beginning; one that falls into an outage is done after it. */
export type Operation = { readonly at: number } & (
  | {
      readonly do: 'apply';
      readonly manifest: Manifest;
      /** Milliseconds; `null` = its Pods never are ready. */ readonly startup: number | null;
    }
  | { readonly do: 'delete'; readonly namespace: string; readonly name: string }
  | {
      readonly do: 'annotate';
      readonly namespace: string;
      readonly name: string;
      readonly key: string;
      readonly value: string | null;
    }
  | { readonly do: 'scale'; readonly namespace: string; readonly name: string; readonly replicas: number }
  | { readonly do: 'load'; readonly namespace: string; readonly name: string; readonly pods: number }
  | {
      readonly do: 'upset';
      readonly namespace: string;
      readonly name: string;
      readonly count: number;
      readonly for: number;
    }
  | { readonly do: 'hand-over'; readonly from: string; readonly host: string; readonly to: string }
  | { readonly do: 'meddle'; readonly host: string }
);

/** `for` in milliseconds. `process` counts from 0. */
export type Fault = { readonly at: number } &
  /** The API server is away: for Waymark, for Istio and for users. */
  (
    | { readonly fault: 'outage'; readonly for: number; readonly hangs: boolean }
    /** One process alone does not reach it. */
    | { readonly fault: 'partition'; readonly for: number; readonly process: number }
    /** One request in `once` is refused by the API server, or not answered though it was done, or comes very late. */
    | { readonly fault: 'refusals'; readonly for: number; readonly once: number; readonly code: 429 | 500 | 503 }
    | { readonly fault: 'unanswered'; readonly for: number; readonly once: number }
    | { readonly fault: 'late'; readonly for: number; readonly once: number; readonly by: number }
    | { readonly fault: 'slow'; readonly for: number; readonly factor: number }
    /** Changes arrive in watches so much later. */
    | { readonly fault: 'lag'; readonly for: number; readonly by: number }
    | { readonly fault: 'watches'; readonly how: 'break' | 'end' | 'stall' }
    /** What happened so far is forgotten; watches that are interrupted then must list. */
    | { readonly fault: 'compaction' }
    | {
        readonly fault: 'kill';
        readonly for: number;
        readonly process: number;
        /** What it has sent does not arrive. */ readonly cuts: boolean;
      }
    /** Killed with its n-th write from now on, before it arrives or after. */
    | {
        readonly fault: 'kill-at-write';
        readonly for: number;
        readonly process: number;
        readonly writes: number;
        readonly cuts: boolean;
      }
    | { readonly fault: 'freeze'; readonly for: number; readonly process: number }
    | { readonly fault: 'stop'; readonly for: number; readonly process: number }
  );

/** Milliseconds from the beginning to the end of the last operation or fault. */
export function endOf({ operations, faults }: Schedule): number {
  const ends = [...operations, ...faults].map(one => one.at + ('for' in one ? one.for : 0));
  return Math.max(0, ...ends);
}
