/** The kind Host of hosts.waymark.dev: who owns a host that Deployments ask for, and what becomes of its traffic. */
export interface Host {
  readonly metadata: {
    /** The canonical host: lower case, no dot at the end, A-labels for what is not ASCII. */
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: HostSpec;
  readonly status?: HostStatus;
}

export interface HostSpec {
  /** The one whose Deployments may have it. */
  readonly namespace: string;
  /** Made by an administrator: never given up, also without a member. */
  readonly reserved?: boolean;
}

/** All times are by the API server's clock: RFC 3339 with milliseconds. */
export interface HostStatus {
  /** Of the spec that this was made from. */
  readonly observedGeneration?: number;
  readonly conditions: readonly HostCondition[];
  /** The Deployment that takes what nobody else gets; absent = none does. */
  readonly active?: string;
  /** What goes to others, as `shop-b 20%, other/shop-c 5%`; absent = nothing. */
  readonly split?: string;
  /** What is copied to others, in the same form. */
  readonly mirror?: string;
  /** Sorted by line, then the newest version first. */
  readonly members: readonly HostMember[];
  /** Since when it has had no member. */
  readonly emptySince?: string;
}

export const HOST_CONDITIONS = ['Accepted', 'Programmed', 'Ready', 'Contended'] as const;

export interface HostCondition {
  readonly type: (typeof HOST_CONDITIONS)[number];
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
  /** PascalCase. */
  readonly reason: string;
  readonly message: string;
}

export const MEMBER_STATES = ['Waiting', 'Baking', 'Active', 'Held', 'Draining', 'Retired', 'Conflicted'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

export interface HostMember {
  readonly namespace: string;
  /** Name of the Deployment. */
  readonly name: string;
  readonly uid: string;
  /** `<type>/<model>/<environment>`: versions of one line succeed each other; of Mappings alone the Deployment's name. */
  readonly line: string;
  /** As written. */
  readonly version?: string;
  /** Whether it takes requests; before it leads, whether all its Pods do, as it has to be for that. */
  readonly ready: boolean;
  /** Percent of what nobody's path takes. */
  readonly share: MemberShare;
  /** Percent that is copied. */
  readonly mirror: MemberShare;
  readonly state: MemberState;
  readonly since: string;
  /** PascalCase: why it is in this state. */
  readonly reason: string;
  /** The same as one sentence. */
  readonly message: string;
  /** What happens to it next, if nothing else changes. */
  readonly next?: NextStep;
  /** What the next look goes by. */
  readonly record?: MemberRecord;
}

export interface MemberShare {
  readonly wanted: number;
  readonly effective: number;
}

export interface NextStep {
  /** `lead`: takes the traffic. `retire`: is scaled to zero. `restore`: is scaled up. */
  readonly step: 'lead' | 'retire' | 'restore';
  /** Absent = not by time alone. */
  readonly at?: string;
}

export interface MemberRecord {
  /** It leads its line since then. */
  readonly ledSince?: string;
  /** Uid of the version that it took over from. */
  readonly over?: string;
  /** All its Pods have been ready without a break since then; kept while something depends on it. */
  readonly readySince?: string;
  /** Its endpoints at that time: other ones mean a break that nobody saw. */
  readonly endpoints?: string;
  /** Of its Pods as they were looked at last. */
  readonly template?: string;
  /** How many Pods it wanted at that time. */
  readonly size?: number;
  /** It has been ready for `bake` once, with this template. */
  readonly proven?: boolean;
  /** The template with which it was rolled back. */
  readonly failed?: string;
  /** Another one was pinned over it: it does not lead by its age any more. */
  readonly passed?: boolean;
  /** It has had no traffic since then, as the live routes say. */
  readonly idleSince?: string;
}
