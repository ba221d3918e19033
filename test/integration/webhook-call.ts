import { request } from 'node:https';
import { Agent } from 'node:https';
import type { Cluster } from '../cluster/types.ts';
import { webhookAddresses } from './waymark-pods.ts';
import { SYSTEM } from './world.ts';

export interface WebhookAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** Milliseconds from the first byte sent to the last byte received. */
  readonly took: number;
}

export interface WebhookCall {
  readonly hook?: 'mutate' | 'validate';
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly contentType?: string;
}

/** Calls the webhook as the API server does: at a Pod's address, by the name of its Service, trusting its `caBundle` alone. */
export interface WebhookCaller {
  call(options: WebhookCall): Promise<WebhookAnswer>;
  close(): void;
}

const SERVER_NAME = `waymark-webhook.${SYSTEM}.svc`;

/** Takes address and trust now; both work also while the API server is away. */
export async function webhookCaller(cluster: Cluster): Promise<WebhookCaller> {
  const [host] = await webhookAddresses(cluster);
  if (host === undefined) throw new Error('the webhook has no ready endpoint');
  // Its idle connections end with the webhook.
  const agent = new Agent({ keepAlive: true, ca: await trustedCertificates(cluster), servername: SERVER_NAME });
  return {
    close: () => agent.destroy(),
    call: ({
      hook = 'validate',
      path = `/${hook}?timeout=5s`,
      method = 'POST',
      body = '',
      contentType = 'application/json',
    }) =>
      new Promise((resolve, reject) => {
        const startedAt = performance.now();
        const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
        const sent = request({ host, port: 8443, path, method, agent, headers, timeout: 10_000 }, response => {
          response.setEncoding('utf8');
          let text = '';
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers['content-type'] ?? '',
              text,
              took: performance.now() - startedAt,
            }),
          );
        });
        sent.on('timeout', () => sent.destroy(new Error('the webhook did not answer within 10 s')));
        sent.on('error', reject);
        sent.end(body);
      }),
  };
}

/** PEM, decoded: what the API server trusts the webhook by. */
export async function trustedCertificates(cluster: Cluster): Promise<string> {
  const bundles = await caBundles(cluster);
  const [first = ''] = bundles;
  if (first === '') throw new Error('the webhook configurations have no caBundle yet');
  return Buffer.from(first, 'base64').toString();
}

/** As stored, base64: of the mutating and of the validating configuration; `''` = none. */
export async function caBundles(cluster: Cluster): Promise<readonly string[]> {
  return Promise.all(
    ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(async plural => {
      const { body } = await cluster.api('GET', `/apis/admissionregistration.k8s.io/v1/${plural}/waymark`);
      const { webhooks } = body as {
        readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
      };
      return webhooks[0]?.clientConfig.caBundle ?? '';
    }),
  );
}

/** The answer inside an AdmissionReview. */
export interface ReviewAnswer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason?: string; readonly message: string };
  readonly patch?: string;
  readonly warnings?: readonly string[];
}

export function reviewIn({ text }: WebhookAnswer): ReviewAnswer {
  return (JSON.parse(text) as { readonly response: ReviewAnswer }).response;
}

/** An AdmissionReview that creates `object`, as the API server writes it. */
export function reviewOf(object: object, more: Readonly<Record<string, unknown>> = {}): string {
  const { metadata } = object as { readonly metadata: { readonly name: string; readonly namespace: string } };
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '00000000-0000-4000-8000-000000000001',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name: metadata.name,
      namespace: metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: 'somebody' },
      object,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
      ...more,
    },
  });
}
