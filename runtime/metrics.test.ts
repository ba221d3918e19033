import { describe, expect, it } from '@jest/globals';
import { admissionMetrics, apiMetrics, certificateExpiryMetric, controllerMetrics, createRegistry } from './metrics.ts';

describe('the metrics', () => {
  it('W31: have the fixed names', async () => {
    const registry = createRegistry();
    admissionMetrics(registry, () => 0);
    certificateExpiryMetric(registry);
    apiMetrics(registry);
    controllerMetrics(registry);

    const names = (await registry.getMetricsAsJSON()).map(metric => metric.name);

    expect(names).toEqual([
      'waymark_admission_in_flight',
      'waymark_admission_requests_total',
      'waymark_admission_duration_seconds',
      'waymark_admission_patch_bytes',
      'waymark_certificate_expiry_timestamp_seconds',
      'waymark_api_writes_total',
      'waymark_watch_restarts_total',
      'waymark_reconcile_duration_seconds',
      'waymark_queue_depth',
      'waymark_hosts',
      'waymark_deployments',
      'waymark_external_ids',
      'waymark_takeovers_total',
      'waymark_contended_objects',
      'waymark_leader',
    ]);
  });

  it('W31: measure durations from 1 ms to 10 s', async () => {
    const registry = createRegistry();
    const { count } = admissionMetrics(registry, () => 0);

    count('CREATE', 'patched', 0.0005, 0);
    const text = await registry.metrics();

    expect(text).toContain('_bucket{le="0.001",operation="CREATE",result="patched"} 1\n');
    expect(text).toContain('_bucket{le="10",operation="CREATE",result="patched"} 1\n');
  });

  it('ask for what is in flight when they are read', async () => {
    const registry = createRegistry();
    let inFlight = 0;
    admissionMetrics(registry, () => inFlight);

    inFlight = 3;

    expect(await registry.metrics()).toContain('waymark_admission_in_flight 3\n');
  });

  it('W29: do not claim a certificate that is not there yet', async () => {
    const registry = createRegistry();
    const expiry = certificateExpiryMetric(registry);

    const before = await registry.metrics();
    expiry.set(1_800_000_000);
    const after = await registry.metrics();

    expect(before).toContain('waymark_certificate_expiry_timestamp_seconds Nan\n');
    expect(after).toContain('waymark_certificate_expiry_timestamp_seconds 1800000000\n');
  });
});
