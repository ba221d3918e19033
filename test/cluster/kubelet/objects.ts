import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { ILifecycleHandler } from 'kubernetes-models/v1/LifecycleHandler';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IPodStatus } from 'kubernetes-models/v1/PodStatus';
import type { IProbe } from 'kubernetes-models/v1/Probe';
import type { ISecret } from 'kubernetes-models/v1/Secret';
import type { IVolume } from 'kubernetes-models/v1/Volume';

/** An object as the API server returns it: stored, so named and numbered. */
export type Stored<T extends { readonly metadata?: unknown }> = T & {
  readonly metadata: NonNullable<T['metadata']> & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
};

export type Pod = Stored<IPod> & { readonly spec: IPodSpec };
export type Secret = Stored<ISecret>;
export type ConfigMap = Stored<IConfigMap>;
export type Container = IContainer;
export type PodStatus = IPodStatus;
export type Probe = IProbe;
export type Handler = ILifecycleHandler;
export type Volume = IVolume;

/** Reads what volumes and variables refer to; `undefined` = does not exist. */
export interface Sources {
  secret(namespace: string, name: string): Secret | undefined;
  configMap(namespace: string, name: string): ConfigMap | undefined;
}

/** Something that is not there yet; the kubelet says so and tries again when it changes. */
export interface Missing {
  readonly missing: string;
  /** As `kubectl get pods` shows it; default `CreateContainerConfigError`. */
  readonly reason?: string;
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}

export function keyOf(metadata: { readonly namespace: string; readonly name: string }): string {
  return `${metadata.namespace}/${metadata.name}`;
}
