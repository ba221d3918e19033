import type { Applier } from '../kube/apply.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { KubeObject, Resource } from '../kube/types.ts';
import type { Latest } from './latest.ts';

export const WEBHOOK_CONFIGURATIONS = [
  RESOURCES.mutatingWebhookConfigurations,
  RESOURCES.validatingWebhookConfigurations,
] as const;

/** A webhook configuration as far as trust goes: its webhooks that call our Service. */
export interface TrustingConfiguration {
  readonly webhooks: readonly { readonly name: string; readonly caBundle: string }[];
}

interface Webhook {
  readonly name: string;
  readonly clientConfig?: {
    readonly caBundle?: string;
    readonly service?: { readonly namespace: string; readonly name: string };
  };
}

export function projectConfiguration(
  object: KubeObject,
  service: { readonly namespace: string; readonly name: string },
): TrustingConfiguration {
  const webhooks = (object['webhooks'] ?? []) as readonly Webhook[];
  return {
    webhooks: webhooks
      .filter(
        ({ clientConfig }) =>
          clientConfig?.service?.namespace === service.namespace && clientConfig.service.name === service.name,
      )
      .map(({ name, clientConfig }) => ({ name, caBundle: clientConfig?.caBundle ?? '' })),
  };
}

export interface TrustOptions {
  /** By kind. */
  readonly configurations: ReadonlyMap<string, Latest<TrustingConfiguration>>;
  readonly name: string;
  readonly applier: Applier;
}

/** What the API server trusts when it calls our webhooks. */
export interface Trust {
  /** Every bundle that is trusted now, in PEM. */
  bundles(): readonly string[];
  /** Whether every webhook trusts exactly this bundle. */
  holds(bundle: string): boolean;
  /** Writes the bundle where another one is. A configuration that is not there is the chart's to make. */
  put(bundle: string): Promise<void>;
}

export function createTrust({ configurations, name, applier }: TrustOptions): Trust {
  function known(): readonly (TrustingConfiguration & { readonly resource: Resource })[] {
    return WEBHOOK_CONFIGURATIONS.flatMap(resource => {
      const configuration = configurations.get(resource.kind)?.get();
      return configuration === undefined ? [] : [{ resource, ...configuration }];
    });
  }
  const encode = (bundle: string) => Buffer.from(bundle).toString('base64');
  const decode = (caBundle: string) => Buffer.from(caBundle, 'base64').toString();
  const isHeld = ({ webhooks }: TrustingConfiguration, caBundle: string) =>
    webhooks.every(webhook => webhook.caBundle === caBundle);

  return {
    bundles: () => known().flatMap(({ webhooks }) => webhooks.map(({ caBundle }) => decode(caBundle))),
    holds: bundle => known().every(configuration => isHeld(configuration, encode(bundle))),
    async put(bundle) {
      const caBundle = encode(bundle);
      for (const { resource, webhooks } of known()) {
        const configuration = configurations.get(resource.kind);
        const version = configuration?.version();
        if (version === undefined || isHeld({ webhooks }, caBundle)) continue;
        const applied = await applier.apply({
          resource,
          desired: {
            apiVersion: resource.apiVersion,
            kind: resource.kind,
            metadata: { name },
            // The rest of each webhook is the chart's.
            webhooks: webhooks.map(webhook => ({ name: webhook.name, clientConfig: { caBundle } })),
          },
          live: { ...version, owned: undefined },
          isOurs: () => true,
        });
        if (applied.outcome === 'written') configuration?.wrote(applied.object);
      }
    },
  };
}
