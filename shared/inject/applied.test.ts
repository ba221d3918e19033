import { describe, expect, it } from '@jest/globals';
import { asStored } from '../../test/support/deployments.ts';
import { decideOn, objectOf, recordOf, requestOf, settings } from '../../test/support/injection-world.ts';
import type { Manifest } from '../../test/support/injection-world.ts';
import {
  annotate,
  applyClientSide,
  applyServerSide,
  LAST_APPLIED,
  update,
  withEnv,
} from '../../test/support/ways-of-applying.ts';
import { savable } from '../../test/support/ways-of-updating.ts';
import { CONFIG } from '../annotation-keys.ts';
import type { Deployment, EnvVar } from '../deployment.ts';
import { isError } from '../findings/finding.ts';
import { INJECTED } from './record.ts';

const PROD = settings('prod', 'shanghai');
const VERSION = 'KUBEFLOW_MODEL_VERSION';

function manifest(version: string | undefined, ...env: readonly EnvVar[]): Deployment {
  const config = version === undefined ? undefined : { version, modelPath: '', mappingsOnly: false };
  const parts: Manifest = { config, containers: [{ name: 'main', image: 'example.com/m:1', env }] };
  return objectOf(parts);
}

function stored(sent: Deployment, old?: Deployment, platform = PROD): Deployment {
  const decision = decideOn(requestOf(asStored(sent), old, platform));
  expect(decision.findings.filter(isError)).toEqual([]);
  return asStored(decision.admitted);
}

function entriesOf(object: Deployment, name: string): readonly EnvVar[] {
  return object.spec.template.spec.containers[0]?.env?.filter(entry => entry.name === name) ?? [];
}

const byServer = (live: Deployment, sent: Deployment) => applyServerSide(live, sent, 'helm');

describe.each([
  ['on the client', applyClientSide],
  ['at the server', byServer],
])('who applies %s a variable just as Waymark writes it', (_, apply) => {
  const own = { name: VERSION, value: 'v1' };
  const live = stored(manifest('v1'));
  const held = stored(apply(live, manifest('v1', own)), live);

  it('changes nothing by that', () => {
    expect(held.spec).toEqual(live.spec);
  });

  it('keeps it when the annotation changes', () => {
    const next = stored(apply(held, manifest('v2', own)), held);

    expect(entriesOf(next, VERSION)).toEqual([own]);
    expect(recordOf(next)['main']).not.toContain(VERSION);
  });

  it('keeps it when the annotation goes', () => {
    const next = stored(apply(held, manifest(undefined, own)), held);

    expect(next.spec.template.spec.containers[0]?.env).toEqual([own]);
  });

  it('loses it when his manifest no longer has it, and it follows the annotation again', () => {
    const dropped = stored(apply(held, manifest('v1')), held);
    const next = stored(apply(dropped, manifest('v2')), dropped);

    expect(entriesOf(next, VERSION)).toEqual([{ name: VERSION, value: 'v2' }]);
    expect(recordOf(next)['main']).toContain(VERSION);
  });
});

describe('who applies what kubectl once showed him, with another annotation', () => {
  const live = stored(manifest('v1'));
  const shown = savable(live);
  const edited = annotate(shown, {
    ...shown.metadata.annotations,
    [CONFIG]: manifest('v2').metadata.annotations?.[CONFIG] ?? '',
  });
  const first = stored(applyClientSide(live, edited), live);

  it('has the variables follow it, though the old values stand in his file', () => {
    expect(entriesOf(first, VERSION)).toEqual([{ name: VERSION, value: 'v2' }]);
  });

  it('changes nothing by doing it again', () => {
    expect(stored(applyClientSide(first, edited), first).spec).toEqual(first.spec);
  });

  it('is heard where he changes a value in that file', () => {
    const mine = withEnv(edited, env =>
      env.map(entry => (entry.name === VERSION ? { name: VERSION, value: 'mine' } : entry)),
    );
    const next = stored(applyClientSide(first, mine), first);

    expect(entriesOf(next, VERSION)).toEqual([{ name: VERSION, value: 'mine' }]);
  });
});

describe('an entry that a merge leaves in two halves', () => {
  const live = stored(manifest('v1'));
  const podIP = { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } };
  const secret = { secretKeyRef: { name: 's', key: 'k' } };

  it.each<[string, EnvVar, EnvVar]>([
    [
      'loses our reference',
      { name: 'K8S_POD_IP', value: 'mine', valueFrom: podIP },
      { name: 'K8S_POD_IP', value: 'mine' },
    ],
    ['loses our value', { name: VERSION, value: 'v1', valueFrom: secret }, { name: VERSION, valueFrom: secret }],
    [
      'keeps both where neither is ours, for the API server to refuse',
      { name: VERSION, value: 'mine', valueFrom: secret },
      { name: VERSION, value: 'mine', valueFrom: secret },
    ],
  ])('%s', (_, merged, left) => {
    const sent = withEnv(live, env => env.map(entry => (entry.name === merged.name ? merged : entry)));

    const next = stored(sent, live);

    expect(entriesOf(next, merged.name)).toEqual([left]);
    expect(recordOf(next)['main']).not.toContain(merged.name);
  });
});

describe('the bare name that an apply at the server leaves of a variable', () => {
  const mine = withEnv(manifest('v1'), () => [{ name: VERSION, value: 'mine' }]);
  const bare = (object: Deployment) =>
    withEnv(object, env => env.map(entry => (entry.name === VERSION ? { name: VERSION } : entry)));

  it('is filled again where no manager has it', () => {
    const live = stored(applyServerSide(manifest(undefined), manifest('v1'), 'helm'));
    const over = stored(
      update(
        live,
        withEnv(live, env => env.map(mineOf)),
      ),
      live,
    );

    const next = stored(bare(over), over);

    expect(entriesOf(next, VERSION)).toEqual([{ name: VERSION, value: 'v1' }]);
  });

  it('is the empty value of its user where one has it', () => {
    const over = stored(applyServerSide(manifest(undefined), mine, 'helm'));

    const next = stored(applyServerSide(over, bare(mine), 'helm'), over);

    expect(entriesOf(next, VERSION)).toEqual([{ name: VERSION }]);
  });
});

it('brings back with `kubectl rollout undo` what was ours then, also where a setting has changed since', () => {
  const live = stored(manifest('v1'));
  const mappings = objectOf({
    config: { version: 'v1', modelPath: '', mappingsOnly: true },
    containers: [{ name: 'main', image: 'example.com/m:1', env: [] }],
  });
  const before = stored(applyClientSide(live, mappings), live);
  const moved = settings('prod', 'guangzhou');
  const now = stored(applyClientSide(before, manifest('v2')), before, moved);
  const undo = { ...annotate(now, before.metadata.annotations ?? {}), spec: before.spec };

  const { admitted, findings } = decideOn(requestOf(asStored(undo), now, moved));

  expect(findings.map(({ code, path }) => `${code} ${path}`)).toEqual(['WM204 KUBEFLOW_AREA']);
  expect(entriesOf(admitted, 'KUBEFLOW_AREA')).toEqual([{ name: 'KUBEFLOW_AREA', value: 'shanghai' }]);
  expect(recordOf(admitted)['main']).not.toContain('KUBEFLOW_AREA');
});

it.each([
  ['is no JSON', '{"KUBEFLOW_'],
  ['holds something else', '["KUBEFLOW_ENV", {"spec": {"template": {"spec": {"containers": "KUBEFLOW_ENV"}}}}]'],
  [
    'holds lists of anything',
    '{"spec":{"template":{"spec":{"containers":[null,{"name":"main","env":[null,1,{"name":"KUBEFLOW_ENV"}]}]}}}}',
  ],
])('a last manifest that %s says nothing', (_, text) => {
  const live = stored(annotate(manifest('v1'), { ...manifest('v1').metadata.annotations, [LAST_APPLIED]: text }));

  const next = stored(annotate(live, { ...manifest('v2').metadata.annotations, [LAST_APPLIED]: text }), live);

  expect(entriesOf(next, VERSION)).toEqual([{ name: VERSION, value: 'v2' }]);
  expect(next.metadata.annotations).toHaveProperty([INJECTED]);
});

function mineOf(entry: EnvVar): EnvVar {
  return entry.name === VERSION ? { name: VERSION, value: 'mine' } : entry;
}
