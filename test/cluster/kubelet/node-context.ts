import type { Images } from '../types.ts';
import type { Api } from './api.ts';
import type { PodNetwork } from './network.ts';
import type { Sources } from './objects.ts';
import type { Bell } from './timing.ts';

/** What all pods of the node share. */
export interface NodeContext {
  readonly api: Api;
  readonly images: Images;
  readonly network: PodNetwork;
  readonly sources: Sources;
  /** Rings when a Secret or ConfigMap changed. */
  readonly sourcesChanged: Bell;
  /** Between two starts of a container, milliseconds. */
  readonly longestBackoff: number;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Where pods reach the API server. */
  readonly apiServer: { readonly host: string; readonly port: string };
  /** Volumes and launch scripts, one folder per pod. */
  readonly folder: string;
  /** What containers print, one file each. */
  readonly logFolder: string;
  readonly report: (line: string) => void;
  /** Aborted when the kubelet stops. */
  readonly signal: AbortSignal;
}
