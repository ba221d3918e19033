import { describe, expect, it } from '@jest/globals';
import { renderVirtualService } from './virtual-service.ts';

const metadata = { name: 'web', namespace: 'shop', labels: {} };

function rendered(version: string): unknown {
  const settings = { gateway: 'istio-system/ingressgateway', istio: { version } };
  return renderVirtualService({ metadata, host: 'web.example.com', http: [{ name: 'a' }] }, settings);
}

describe('a VirtualService', () => {
  it.each([
    ['1.19', 'networking.istio.io/v1beta1'],
    ['1.21.6', 'networking.istio.io/v1beta1'],
    ['1.22', 'networking.istio.io/v1'],
    ['1.31', 'networking.istio.io/v1'],
    ['2.0', 'networking.istio.io/v1'],
  ])('for Istio %s is written as %s', (version, apiVersion) => {
    expect(rendered(version)).toMatchObject({ apiVersion });
  });

  it('holds one host, on the gateway of the platform, and its entries as they come', () => {
    expect(rendered('1.26')).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata,
      spec: {
        hosts: ['web.example.com'],
        gateways: ['istio-system/ingressgateway'],
        http: [{ name: 'a' }],
      },
    });
  });
});
