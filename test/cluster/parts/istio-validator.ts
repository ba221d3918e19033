import { until } from '../wait.ts';
import type { Api } from './api.ts';
import { ISTIO_NAMESPACE } from './istio.ts';
import { PORTS } from './site.ts';
import type { Site } from './site.ts';

const VALIDATOR = 'rev.validation.istio.io';

/** Makes the API server ask Istio's webhook, as an installation of Istio does, and waits until a refusal proves it. */
export async function registerValidator(site: Site, api: Api): Promise<void> {
  await Promise.all([
    api.expect([201], 'POST', `/api/v1/namespaces/${ISTIO_NAMESPACE}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'istiod', namespace: ISTIO_NAMESPACE },
      spec: { ports: [{ name: 'https-webhook', port: 443, targetPort: PORTS.istioValidation }] },
    }),
    api.expect([201], 'POST', `/apis/discovery.k8s.io/v1/namespaces/${ISTIO_NAMESPACE}/endpointslices`, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'istiod', namespace: ISTIO_NAMESPACE, labels: { 'kubernetes.io/service-name': 'istiod' } },
      addressType: 'IPv4',
      ports: [{ name: 'https-webhook', port: PORTS.istioValidation }],
      endpoints: [{ addresses: [site.address], conditions: { ready: true } }],
    }),
    api.expect([201], 'POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `istio-validator-${ISTIO_NAMESPACE}` },
      webhooks: [
        {
          name: VALIDATOR,
          clientConfig: {
            service: { name: 'istiod', namespace: ISTIO_NAMESPACE, path: '/validate' },
            caBundle: Buffer.from(site.ca).toString('base64'),
          },
          rules: [
            {
              operations: ['CREATE', 'UPDATE'],
              apiGroups: ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
              apiVersions: ['*'],
              resources: ['*'],
            },
          ],
          failurePolicy: 'Fail',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }),
  ]);
  const refused = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'probe', namespace: ISTIO_NAMESPACE },
    spec: { hosts: [] },
  };
  await until("Istio's webhook to be asked", async () => {
    const path = `/apis/networking.istio.io/v1/namespaces/${ISTIO_NAMESPACE}/virtualservices?dryRun=All`;
    return JSON.stringify((await api.call('POST', path, refused)).body).includes(`\\"${VALIDATOR}\\" denied`);
  });
}
