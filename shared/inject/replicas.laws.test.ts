import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deployment } from '../../test/support/deployments.ts';
import { admit } from '../admit.ts';
import { NO_FACTS } from '../cluster-facts.ts';
import type { Deployment } from '../deployment.ts';
import { defaultSettings } from '../settings-file.ts';

/** What happens to one Deployment, each from the state that the last one left. */
type Step =
  /** The manifest comes, by whichever way, with its own size, or with none; `edits` also changes the template. */
  | { readonly do: 'apply'; readonly replicas: number | undefined; readonly edits: boolean }
  /** Through the subresource, past all webhooks: the autoscaler, or a user's `kubectl scale`. */
  | { readonly do: 'scale'; readonly replicas: number }
  /** Ours comes, or goes with its bounds. */
  | { readonly do: 'bounds'; readonly due: boolean };

const sizes = fc.integer({ min: 1, max: 20 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('apply' as const),
        replicas: fc.option(fc.oneof(sizes, fc.constant(0)), { nil: undefined }),
        edits: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('scale' as const), replicas: sizes }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('bounds' as const), due: fc.boolean() }) },
  ),
  { maxLength: 20 },
);

const config = (due: boolean) =>
  ['apiVersion: waymark.dev/v1', 'kind: InferenceService', 'type: serving', 'model: bert', 'version: v1']
    .concat(due ? ['replicas: {min: 1, max: 20}'] : [])
    .join('\n');

function manifest(due: boolean, replicas: number | undefined, image: number): Deployment {
  const containers = [{ name: 'main', image: `serving:${image}`, ports: [{ containerPort: 8080 }] }];
  const object = deployment('shop/serving-bert-1', { config: config(due), containers, metadata: { uid: 'uid-1' } });
  const annotations = { 'waymark.dev/config': config(due) };
  // The API server fills the default in before it asks anybody.
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: { ...object.spec, replicas: replicas ?? 1 },
  };
}

it('R-01, F-03: whatever is applied in whatever order with the autoscaler’s work, only an explicit 0 changes its size', () => {
  fc.assert(
    fc.property(steps, history => {
      let due = true;
      let image = 1;
      let live = admitted(manifest(true, 2, image), undefined, true);
      for (const step of history) {
        const before = live.spec.replicas ?? 1;
        if (step.do === 'bounds') ({ due } = step);
        else if (step.do === 'scale')
          live = { ...live, spec: { ...live.spec, replicas: before === 0 ? 0 : step.replicas } };
        else {
          if (step.edits) image++;
          live = admitted(manifest(due, step.replicas, image), live, due);
          const isFree = !due || before === 0;
          expect(live.spec.replicas).toBe(isFree || step.replicas === 0 ? (step.replicas ?? 1) : before);
          expect(live.spec.template.spec.containers[0]?.image).toBe(`serving:${image}`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** Through both hooks: what is stored at last, or a throw where the validating one would miss something. */
function admitted(object: Deployment, oldObject: Deployment | undefined, autoscaled: boolean): Deployment {
  const facts = { ...NO_FACTS, isAutoscaled: () => autoscaled };
  const common = { settings: defaultSettings, namespaces: new Map(), facts };
  const ask = (asked: Deployment) =>
    admit(
      oldObject
        ? { ...common, operation: 'UPDATE', object: asked, oldObject }
        : { ...common, operation: 'CREATE', object: asked },
    );
  const first = ask(object);
  const second = ask(first.admitted);
  if (second.patch.length > 0) throw new Error(`the second look finds ${JSON.stringify(second.patch)}`);
  return first.admitted;
}
