import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.ts';
import { annotated, createNamespace, deployment, inferenceService, unannotated } from './manifests.ts';
import type { Manifest } from './manifests.ts';
import { builtNames, eventReasons, eventsOf, find, read, readDeployment } from './objects.ts';
import { metric, waymarkPods } from './waymark-pods.ts';
import { apply, startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

const SOON = { within: 10_000 };

const POLICIES = ['enforce', 'warn', 'audit', 'off'] as const;
type Policy = (typeof POLICIES)[number];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const policy of POLICIES) {
    await createNamespace(world.cluster, policy, { labels: { 'waymark.dev/policy': policy } });
  }
  await createNamespace(world.cluster, 'unlabelled');
});
afterAll(stopWorlds);

function named(namespace: string, model: string, ...lines: readonly string[]): Manifest {
  return deployment(`${namespace}/serving-${model}-1`, { config: inferenceService(model, 'v1', ...lines) });
}

/** cube-studio's word for `metrics`. */
const WRONG = 'hpa: cpu:50%';

async function tryApply(manifest: Manifest): Promise<{ readonly code: number; readonly stderr: string }> {
  return world.cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
}

async function counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const [pod] = await waymarkPods(world.cluster, 'webhook');
  if (pod === undefined) throw new Error('the webhook has no Pod');
  const count = await metric(pod, 'webhook', name, labels);
  return Number.isNaN(count) ? 0 : count;
}

/** Values of the audit log's annotations that the validating webhook made, for one Deployment. */
async function auditedFindings(namespace: string, name: string): Promise<readonly string[]> {
  const entries = await world.cluster.audit();
  return entries
    .filter(entry => entry.resource === 'deployments' && entry.namespace === namespace)
    .filter(entry => entry.name === name || entry.name === '')
    .flatMap(({ annotations }) => Object.entries(annotations))
    .filter(([key]) => key.endsWith('/findings'))
    .map(([, value]) => value);
}

/** What is to be seen of a wrong text under each policy. */
const SEEN: Record<Policy, { stored: boolean; warned: boolean; audited: boolean; event: boolean; result: string }> = {
  enforce: { stored: false, warned: false, audited: false, event: false, result: 'denied' },
  warn: { stored: true, warned: true, audited: false, event: true, result: 'warned' },
  audit: { stored: true, warned: false, audited: true, event: true, result: 'audited' },
  off: { stored: true, warned: false, audited: false, event: false, result: 'skipped' },
};

describe('a text with an error (F-08)', () => {
  it.each(POLICIES)('under %s', async policy => {
    const seen = SEEN[policy];
    const before = await counted('waymark_admission_requests_total', { result: seen.result });

    const { code, stderr } = await tryApply(named(policy, 'wrong', WRONG));

    expect(code === 0).toBe(seen.stored);
    expect((await find(world.cluster, 'Deployment', policy, 'serving-wrong-1')) !== undefined).toBe(seen.stored);
    expect(/^Warning: WM020 /m.test(stderr)).toBe(seen.warned);
    expect(/Forbidden.*denied the request.*WM020 /s.test(stderr)).toBe(!seen.stored);
    expect(await counted('waymark_admission_requests_total', { result: seen.result })).toBeGreaterThan(before);
    const audited = await auditedFindings(policy, 'serving-wrong-1');
    expect(audited.some(value => value.includes('WM020 FieldUnknown waymark.dev/config 6:1'))).toBe(seen.audited);
    if (seen.event) {
      await eventually(
        async () => expect(await eventReasons(world.cluster, policy, 'serving-wrong-1')).toContain('AnnotationInvalid'),
        SOON,
      );
    }
    expect(await builtNames(world.cluster, policy)).toEqual([]);
  });

  it('is counted by code wherever it is looked at, and nothing is where it is not', async () => {
    const before = await counted('waymark_findings_total', { code: 'WM020' });

    await tryApply(named('audit', 'counted', WRONG));
    const after = await counted('waymark_findings_total', { code: 'WM020' });
    await tryApply(named('off', 'counted', WRONG));

    expect(after).toBe(before + 1);
    expect(await counted('waymark_findings_total', { code: 'WM020' })).toBe(after);
    expect(await eventReasons(world.cluster, 'off', 'serving-counted-1')).toEqual([]);
  });
});

describe('what was built from the last good text', () => {
  it.each(['warn', 'audit'] as const)('stays under %s, and goes on from the next good one', async policy => {
    const good = named(policy, 'kept', 'replicas: {min: 1, max: 3}');
    await apply(world, good);
    await eventually(() => read(world.cluster, 'HorizontalPodAutoscaler', policy, 'serving-kept-1'), SOON);
    const before = await read(world.cluster, 'HorizontalPodAutoscaler', policy, 'serving-kept-1');

    await apply(world, annotated(good, inferenceService('kept', 'v1', 'replicas: {min: 9, max: 3}')));
    await eventually(
      async () => expect(await eventReasons(world.cluster, policy, 'serving-kept-1')).toContain('AnnotationInvalid'),
      SOON,
    );
    expect(await read(world.cluster, 'HorizontalPodAutoscaler', policy, 'serving-kept-1')).toEqual(before);

    await apply(world, annotated(good, inferenceService('kept', 'v1', 'replicas: {min: 2, max: 5}')));
    await eventually(async () => {
      const { spec, metadata } = await read(world.cluster, 'HorizontalPodAutoscaler', policy, 'serving-kept-1');
      expect({ ...spec, uid: metadata.uid }).toMatchObject({
        minReplicas: 2,
        maxReplicas: 5,
        uid: before.metadata.uid,
      });
    }, SOON);
  });

  it('stays under off, whatever is written or taken away, and is looked at again afterwards', async () => {
    await createNamespace(world.cluster, 'switched');
    const good = named('switched', 'left', 'replicas: {min: 1, max: 3}');
    await apply(world, good);
    await eventually(
      async () =>
        expect(await builtNames(world.cluster, 'switched')).toEqual([
          'Service serving-left-1',
          'HorizontalPodAutoscaler serving-left-1',
          'VirtualService serving-left-1',
        ]),
      SOON,
    );
    const injected = await readDeployment(world.cluster, 'switched', 'serving-left-1');
    const frozenBefore = await frozenDeployments();

    await label('switched', 'off');
    await eventually(async () => expect(await frozenDeployments()).toBeGreaterThan(frozenBefore), SOON);
    await apply(world, unannotated(good));
    const unread = await readDeployment(world.cluster, 'switched', 'serving-left-1');
    expect(unread.spec.template).toEqual(injected.spec.template);
    expect(await builtNames(world.cluster, 'switched')).toHaveLength(3);

    await label('switched', 'enforce');
    await eventually(async () => expect(await builtNames(world.cluster, 'switched')).toEqual([]), SOON);
  });
});

describe("the platform's word", () => {
  it('counts where the namespace says nothing, and everywhere once namespaces may not say it (namespaceSettings)', async () => {
    await world.install({
      settings: { policy: 'audit', namespaceSettings: ['environment', 'area', 'domain', 'allowed-hosts'] },
    });

    expect((await tryApply(named('unlabelled', 'free', WRONG))).code).toBe(0);
    expect((await tryApply(named('enforce', 'free', WRONG))).code).toBe(0);
    await eventually(
      async () =>
        expect((await eventsOf(world.cluster, 'enforce', 'serving-free-1')).map(({ message }) => message)).toEqual([
          expect.stringContaining("cube-studio's name"),
        ]),
      SOON,
    );
  });
});

/** As the controller sees it: what it leaves alone. */
async function frozenDeployments(): Promise<number> {
  const [pod] = await waymarkPods(world.cluster, 'controller');
  if (pod === undefined) throw new Error('the controller has no Pod');
  return metric(pod, 'controller', 'waymark_deployments', { state: 'frozen' });
}

async function label(namespace: string, policy: Policy): Promise<void> {
  await world.kubectl(['label', 'namespace', namespace, `waymark.dev/policy=${policy}`, '--overwrite']);
  // The webhook sees it by watch: a Deployment that is not stored shows when.
  await eventually(async () => {
    const probe = named(namespace, 'probe', WRONG);
    const { code } = await world.cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(probe),
    });
    expect(code === 0).toBe(policy === 'off');
  }, SOON);
}
