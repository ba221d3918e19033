import { describe, expect, it } from '@jest/globals';
import { deployment } from '../../test/support/deployments.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { Scaler } from '../cluster-facts.ts';
import { compile } from '../compile.ts';
import type { Compilation } from '../compilation.ts';
import { stopsEverything } from '../findings/finding.ts';
import { findingLine } from '../findings/format.ts';
import { defaultSettings } from '../settings-file.ts';

const config = (more = '') =>
  `apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving\nmodel: bert\nversion: v1\n${more}`;
const SCALED = config('replicas: {min: 1, max: 4}\nmetrics: cpu:500m\n');

const KEDA: Scaler = { kind: 'ScaledObject', namespace: 'shop', name: 'bert-by-queue' };
const OTHER: Scaler = { kind: 'HorizontalPodAutoscaler', namespace: 'shop', name: 'bert-by-hand' };

function compiled(text: string, ...scalers: readonly Scaler[]): Compilation {
  const object = deployment('shop/serving-bert-1', { config: text });
  const scalersOf = (namespace: string, name: string) =>
    `${namespace}/${name}` === 'shop/serving-bert-1' ? scalers : [];
  return compile({
    settings: defaultSettings,
    now: 0,
    deployments: [object],
    namespaces: new Map(),
    existing: [],
    istio: true,
    facts: { ...NO_FACTS, scalersOf },
  });
}

const kindsOf = ({ objects }: Compilation) => objects.map(({ object }) => object.kind);

describe('R-03: a Deployment that somebody else scales', () => {
  it('gets no autoscaler, and everything else', () => {
    expect(kindsOf(compiled(SCALED, KEDA))).toEqual(['Service']);
  });

  it('is told who does, at `replicas`, which stops nothing else', () => {
    const { findings, frozen } = compiled(SCALED, KEDA);

    expect(findings.map(findingLine)).toEqual([
      'WM111 waymark.dev/config 6:11: `replicas` must be the only autoscaler of the Deployment, but ScaledObject ' +
        'shop/bert-by-queue scales it already (scaled here: ScaledObject shop/bert-by-queue spec.scaleTargetRef); ' +
        'fix: delete ScaledObject shop/bert-by-queue, or delete `replicas`',
    ]);
    expect(findings.some(stopsEverything)).toBe(false);
    expect(frozen).toEqual([]);
  });

  it('is told of all who do at once', () => {
    const [finding] = compiled(SCALED, OTHER, KEDA).findings;

    expect(finding?.related.map(({ object }) => object.name)).toEqual(['bert-by-hand', 'bert-by-queue']);
  });

  it('has nothing to be told if it asks for no autoscaler', () => {
    expect(compiled(config(), KEDA).findings).toEqual([]);
    expect(compiled(config('replicas: {min: 2, max: 2}\n'), KEDA).findings).toEqual([]);
  });

  it('gets its autoscaler when the other one is gone', () => {
    const { findings } = compiled(SCALED);

    expect(kindsOf(compiled(SCALED))).toEqual(['HorizontalPodAutoscaler', 'Service']);
    expect(findings).toEqual([]);
  });
});
