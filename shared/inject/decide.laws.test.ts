import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applied } from '../../test/support/apply-patch.ts';
import { asStored } from '../../test/support/deployments.ts';
import {
  decideOn,
  mergeClientSide,
  mergeEnv,
  objectOf,
  recordOf,
  requestOf,
  settings as platform,
  withTemplate,
} from '../../test/support/injection-world.ts';
import type { Config, Manifest } from '../../test/support/injection-world.ts';
import type { Deployment, EnvVar } from '../deployment.ts';
import { sameJson } from '../json.ts';
import type { Settings } from '../settings.ts';
import { INJECTED } from './record.ts';
import { dueVariables, VARIABLE_NAMES } from './variables.ts';
import { readingOf } from '../../test/support/injection-world.ts';

const names = fc.constantFrom('A', 'B', 'C', 'KUBEFLOW_ENV', 'KUBEFLOW_MODEL_NAME', 'K8S_POD_IP');
/** Never a value that Waymark writes, so that it is plain whose a variable is. */
const values = fc.constantFrom('mine-1', 'mine-2');
const env: fc.Arbitrary<EnvVar[]> = fc.uniqueArray(fc.record({ name: names, value: values }), {
  selector: ({ name }) => name,
  maxLength: 4,
});
const containers = fc
  .uniqueArray(fc.record({ name: fc.constantFrom('main', 'side'), image: fc.constantFrom('i:1', 'i:2'), env }), {
    selector: ({ name }) => name,
    minLength: 1,
  })
  .map(list => list.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
const config: fc.Arbitrary<Config> = fc.record({
  version: fc.constantFrom('v1', 'v2', ''),
  modelPath: fc.constantFrom('', '/mnt/$(X)', '/mnt/y'),
  mappingsOnly: fc.boolean(),
});
const manifests: fc.Arbitrary<Manifest> = fc.record({
  config: fc.option(config, { nil: undefined, freq: 6 }),
  containers,
});
const platforms = fc.record({ environment: fc.constantFrom('prod' as const, 'test'), area: fc.constantFrom('', 'x') });

/** Every way that an update can come. */
type Step =
  | { readonly do: 'apply' | 'replace' | 'applyWithNewSidecar'; readonly manifest: Manifest }
  | { readonly do: 'applyAgain' | 'replaceAgain' | 'label' | 'restart' }
  | { readonly do: 'setImage'; readonly image: string }
  | { readonly do: 'edit'; readonly variable: string; readonly value: string | undefined }
  | { readonly do: 'platform'; readonly environment: 'prod' | 'test'; readonly area: string };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('apply' as const, 'replace', 'applyWithNewSidecar'), manifest: manifests }),
  fc.record({ do: fc.constantFrom('applyAgain' as const, 'replaceAgain', 'label', 'restart') }),
  fc.record({ do: fc.constant('setImage' as const), image: fc.constantFrom('i:1', 'i:2') }),
  fc.record({
    do: fc.constant('edit' as const),
    variable: fc.constantFrom('KUBEFLOW_ENV', 'K8S_POD_IP', 'A'),
    value: fc.option(values, { nil: undefined }),
  }),
  platforms.map(one => ({ do: 'platform' as const, ...one })),
);

interface World {
  live: Deployment;
  last: Manifest;
  settings: Settings;
}

/** What the client sends; `undefined` = the step is not a request. */
function requested(step: Step, { live, last }: World): Deployment | undefined {
  const { containers: now } = live.spec.template.spec;
  const annotations = live.metadata.annotations ?? {};
  switch (step.do) {
    case 'platform':
      return undefined;
    case 'apply':
    case 'applyWithNewSidecar':
      return mergeClientSide(live, last, step.manifest);
    case 'applyAgain':
      return mergeClientSide(live, last, last);
    case 'replace':
      return objectOf(step.manifest);
    case 'replaceAgain':
      return objectOf(last);
    case 'label':
      return asStored({ ...live, metadata: { ...live.metadata, labels: { touched: 'yes' } } });
    case 'restart':
      return asStored({
        ...live,
        spec: { ...live.spec, template: { ...live.spec.template, metadata: { annotations: { restartedAt: 'now' } } } },
      });
    case 'setImage':
      return withTemplate(
        live,
        annotations,
        now.map((one, i) => (i === 0 ? { ...one, image: step.image } : one)),
      );
    case 'edit': {
      const given = step.value === undefined ? [] : [{ name: step.variable, value: step.value }];
      const gone = step.value === undefined ? [{ name: step.variable }] : [];
      return withTemplate(
        live,
        annotations,
        now.map(one => ({ ...one, env: mergeEnv(one.env ?? [], gone, given) })),
      );
    }
  }
}

/** Both hooks, as the API server calls them, with another webhook that adds a container between two rounds. */
function admitted(object: Deployment, old: Deployment | undefined, world: World, sidecar: boolean): Deployment {
  let current = round(object, old, world);
  if (sidecar) {
    const { containers: now } = current.spec.template.spec;
    const others = now.filter(({ name }) => name !== 'proxy');
    current = withTemplate(current, current.metadata.annotations ?? {}, [...others, { name: 'proxy', image: 'p:1' }]);
    current = round(current, old, world);
  }
  const validated = decideOn(requestOf(current, old, world.settings));
  expect(validated.patch).toEqual([]);
  expect(validated.admitted).toBe(current);
  return current;
}

function round(object: Deployment, old: Deployment | undefined, { settings }: World): Deployment {
  const decision = decideOn(requestOf(object, old, settings));
  expect(decision.findings.map(({ code }) => code).filter(code => code !== KEPT)).toEqual([]);
  expect(applied(object, decision.patch)).toEqual(decision.admitted);
  return asStored(decision.admitted);
}

const KEPT = 'WM204';

/** The user's own entries: those that have a value only users write, or a name that is not ours. */
function users(list: readonly EnvVar[] = []): readonly EnvVar[] {
  return list.filter(({ name, value }) => value?.startsWith('mine-') === true || !isOurName(name));
}

function isOurName(name: string): boolean {
  return VARIABLE_NAMES.some(ours => ours === name);
}

function dueIn(object: Deployment, settings: Settings): readonly EnvVar[] {
  if (!object.metadata.annotations || !('waymark.dev/config' in object.metadata.annotations)) return [];
  const { intent } = readingOf(object, settings);
  return intent ? dueVariables(intent, object) : [];
}

function withoutOurs(object: Deployment): unknown {
  const { containers: all } = object.spec.template.spec;
  const stripped = all.map(one => ({ ...one, env: users(one.env) }));
  return { ...object.spec.template, spec: { ...object.spec.template.spec, containers: stripped } };
}

function textOf(object: Deployment): string | undefined {
  return object.metadata.annotations?.['waymark.dev/config'];
}

describe('after any sequence of updates, whichever way they come', () => {
  it('ours stand in front in their order and follow the annotation, the user keeps his, and nothing restarts by itself (W10 W11 W12 W14 R-22 R-23)', () => {
    fc.assert(
      fc.property(manifests, platforms, fc.array(steps, { maxLength: 8 }), (first, { environment, area }, later) => {
        const world: World = { live: objectOf(first), last: first, settings: platform(environment, area) };
        world.live = admitted(world.live, undefined, world, false);
        check(world.live, objectOf(first), undefined, world.settings);

        for (const step of later) {
          if (step.do === 'platform') world.settings = platform(step.environment, step.area);
          const object = requested(step, world);
          if (!object) continue;
          const old = world.live;
          world.live = admitted(object, old, world, step.do === 'applyWithNewSidecar');
          check(world.live, object, old, world.settings);
          if ('manifest' in step) world.last = step.manifest;
        }
      }),
      { numRuns: 150 },
    );
  });
});

function check(live: Deployment, sent: Deployment, old: Deployment | undefined, settings: Settings): void {
  const isAnnotated = textOf(live) !== undefined;
  const unchanged =
    old !== undefined &&
    textOf(old) === textOf(live) &&
    sameJson(withoutOurs(old), withoutOurs(live)) &&
    old.metadata.annotations?.[INJECTED] !== undefined;
  if (unchanged && isAnnotated) {
    // Also where the platform's settings are others by now.
    expect(live.spec.template).toEqual(old.spec.template);
    return;
  }
  const due = dueIn(live, settings).map(({ value, ...entry }) => (value ? { ...entry, value } : entry));
  for (const one of live.spec.template.spec.containers) {
    const theirs = users(one.env);
    const wanted = due.filter(({ name }) => !theirs.some(entry => entry.name === name));
    expect(one.env ?? []).toEqual([...wanted, ...theirs]);
    const sentContainer = sent.spec.template.spec.containers.find(({ name }) => name === one.name);
    expect(theirs).toEqual(users(sentContainer?.env));
    if (isAnnotated) expect(recordOf(live)[one.name]).toEqual(wanted.map(({ name }) => name).sort());
  }
  if (!isAnnotated) expect(live.metadata.annotations?.[INJECTED]).toBeUndefined();
}
