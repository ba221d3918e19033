import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryLog } from '../test/support/log.ts';
import { createRegistry, findingsMetric } from './metrics.ts';
import { startProbes } from './probes.ts';
import { createReadiness } from './readiness.ts';
import type { Probes } from './probes.ts';

const registry = createRegistry();
const findings = findingsMetric(registry);
const readiness = createReadiness(['certificate', 'caches'], () => undefined);
const { log } = memoryLog();
let probes: Probes;

beforeAll(async () => {
  probes = await startProbes({ port: 0, host: '127.0.0.1', readiness, registry, log });
});
afterAll(() => probes.close());

async function ask(path: string, method = 'GET'): Promise<{ status: number; type: string | null; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${probes.port}${path}`, { method });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

describe('the probes', () => {
  it('W30: are alive before they are ready, and say what is missing', async () => {
    const [live, ready] = await Promise.all([ask('/healthz'), ask('/readyz')]);

    expect(live).toMatchObject({ status: 200, body: 'ok\n' });
    expect(ready).toMatchObject({ status: 503, body: 'not ready: certificate, caches\n' });
  });

  it('are ready when every condition is met, and no longer when one is lost', async () => {
    readiness.set('certificate', true);
    readiness.set('caches', true);
    const met = await ask('/readyz?verbose');
    readiness.set('caches', false);
    const lost = await ask('/readyz');

    expect(met.status).toBe(200);
    expect(lost).toMatchObject({ status: 503, body: 'not ready: caches\n' });
  });

  it('W31: serve the metrics as they are at that moment', async () => {
    findings.inc({ code: 'WM001', severity: 'error' });
    const once = await ask('/metrics');
    findings.inc({ code: 'WM001', severity: 'error' });
    const twice = await ask('/metrics');

    expect(once.body).toContain('waymark_findings_total{code="WM001",severity="error"} 1\n');
    expect(twice.body).toContain('waymark_findings_total{code="WM001",severity="error"} 2\n');
    expect(once.type).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it.each([
    ['an unknown path is 404', '/', 'GET', 404],
    ['a method that changes things is 405', '/metrics', 'DELETE', 405],
    ['HEAD is answered as GET', '/healthz', 'HEAD', 200],
  ])('%s', async (_, path, method, status) => {
    expect((await ask(path, method)).status).toBe(status);
  });

  it('do not start on a port that is taken, and say which one', async () => {
    const second = startProbes({ port: probes.port, host: '127.0.0.1', readiness, registry, log });

    await expect(second).rejects.toMatchObject({
      name: 'CannotStart',
      message: expect.stringContaining(`port ${probes.port}`),
    });
  });
});
