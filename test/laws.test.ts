import { describe, expect, it } from '@jest/globals';
import { DestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1/DestinationRule';
import { ServiceEntry } from '@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry';
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService';
import { DestinationRule as OldDestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1beta1/DestinationRule';
import { ServiceEntry as OldServiceEntry } from '@kubernetes-models/istio/networking.istio.io/v1beta1/ServiceEntry';
import { VirtualService as OldVirtualService } from '@kubernetes-models/istio/networking.istio.io/v1beta1/VirtualService';
import fc from 'fast-check';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Service } from 'kubernetes-models/v1/Service';
import { readFileSync } from 'node:fs';
import type { Compilation } from '../shared/compilation.ts';
import { compile } from '../shared/compile.ts';
import { CATALOGUE } from '../shared/findings/catalogue.ts';
import { hostsOf } from '../shared/plan/hosts.ts';
import { deploymentsOf, groupOf } from '../shared/plan/live.ts';
import { read } from '../shared/read.ts';
import type { ExistingObject, GroupKey, KubernetesObject, Snapshot } from '../shared/snapshot.ts';
import { admissionCases, admissionFile } from './support/golden-admission.ts';
import { compiledText, goldenCases, goldenFile, readCase, reversed, textOf } from './support/golden.ts';
import { liveWorlds, worlds } from './support/random-world.ts';
import { strayStrings } from './support/alphabets.ts';

/** Enough to meet every conflict many times, and a second or two. */
const RUNS = { numRuns: 50 };

const MODELS = {
  'apps/v1 Deployment': Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'v1 Service': Service,
  'networking.istio.io/v1 DestinationRule': DestinationRule,
  'networking.istio.io/v1 ServiceEntry': ServiceEntry,
  'networking.istio.io/v1 VirtualService': VirtualService,
  'networking.istio.io/v1beta1 DestinationRule': OldDestinationRule,
  'networking.istio.io/v1beta1 ServiceEntry': OldServiceEntry,
  'networking.istio.io/v1beta1 VirtualService': OldVirtualService,
} as const;

function refusal(object: object): string {
  const { apiVersion, kind } = object as KubernetesObject;
  const Model = MODELS[`${apiVersion} ${kind}` as keyof typeof MODELS];
  try {
    new Model(structuredClone(object) as never).validate();
    return '';
  } catch (error) {
    return `${kind}: ${String(error)}`;
  }
}

/** Where an empty map says something: a header or parameter that must be there, an algorithm with its own defaults. */
const SAYS_BY_BEING_THERE = /\/match\/\d+\/(?:headers|queryParams)\/[^/]+$|\/consistentHash\/ringHash$/;

/** Paths at which a value says nothing: `undefined`, an empty map, an empty list. */
function emptyPaths(value: unknown, path = ''): string[] {
  if (value === undefined) return [path];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 0 && !Array.isArray(value) && SAYS_BY_BEING_THERE.test(path)) return [];
  return entries.length === 0 ? [path] : entries.flatMap(([key, part]) => emptyPaths(part, `${path}/${key}`));
}

/** Entries whose weights are not whole percents above 0 that add up to 100; one alone has none. */
function unevenRoutes({ kind, spec }: KubernetesObject): unknown[] {
  const http = kind === 'VirtualService' ? (spec['http'] as { route?: { weight?: number }[] }[]) : [];
  return http.filter(({ route }) => {
    // A redirect sends nothing on.
    if (route === undefined) return false;
    const weights = route.map(({ weight = 0 }) => weight);
    if (route.length === 1) return weights[0] !== 0;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return sum !== 100 || weights.some(weight => !Number.isInteger(weight) || weight < 1);
  });
}

const LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

function lawsOf(snapshot: Snapshot): void {
  const compilation = compile(snapshot);
  const objects = compilation.objects.map(({ object }) => object);

  const { facts, ...plain } = snapshot;
  const copy = { ...structuredClone(plain), ...(facts && { facts }) };
  expect(textOf(compile(copy))).toEqual(textOf(compilation));
  expect(objects.flatMap(object => emptyPaths(object))).toEqual([]);
  expect(objects.flatMap(object => strayStrings(object))).toEqual([]);
  expect([...objects, ...compilation.admitted].map(refusal).filter(text => text !== '')).toEqual([]);
  for (const { apiVersion, metadata } of objects) {
    // Objects of Istio have the names of hosts.
    expect(metadata.name).toMatch(apiVersion.includes('istio.io/') ? SUBDOMAIN : LABEL);
  }
  expect(objects.flatMap(unevenRoutes)).toEqual([]);
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
}

describe.each(goldenCases())('golden case %s', name => {
  const { sentence, snapshot } = readCase(name);

  it('keeps the laws', () => lawsOf(snapshot));

  it('says in a sentence what it shows', () => {
    expect(sentence).toMatch(/^[A-Z`].{20,}\.$/);
  });
});

describe('any world', () => {
  it('keeps the laws', () => {
    fc.assert(fc.property(worlds, lawsOf), RUNS);
  });

  it('is compiled to the same bytes in whatever order it comes', () => {
    fc.assert(
      fc.property(worlds, world => {
        expect(compiledText(reversed(world))).toEqual(compiledText(world));
      }),
      RUNS,
    );
  });

  it('is left alone once it is as it should be', () => {
    fc.assert(
      fc.property(liveWorlds, world => {
        const first = compile(world);
        const again = compile({ ...world, existing: asExisting(first) });

        expect(again.objects).toEqual(first.objects);
        expect(again.findings).toEqual(first.findings);
      }),
      RUNS,
    );
  });

  it('is the sum of its groups, each compiled with its members alone', () => {
    fc.assert(
      fc.property(liveWorlds, liveWorlds, (before, now) => {
        const world = { ...now, existing: asExisting(compile(before)) };
        const whole = compile(world);

        const parts = groupsOf(world).map(focus => compile({ ...world, focus, deployments: membersOf(focus, world) }));

        expect(sorted(parts.flatMap(({ objects }) => objects))).toEqual(sorted(whole.objects));
        expect(sorted(parts.flatMap(({ findings }) => findings))).toEqual(sorted(whole.findings));
        expect(sorted(parts.flatMap(part => part.frozen))).toEqual(expect.arrayContaining([...whole.frozen].sort()));
      }),
      RUNS,
    );
  });
});

function asExisting({ objects }: Compilation): readonly ExistingObject[] {
  return objects.map(({ object }) => object);
}

/** As the controller knows them: by what Deployments want, and by what lives. */
function groupsOf(world: Snapshot): readonly GroupKey[] {
  const wanted = world.deployments.flatMap((one): GroupKey[] => [
    `Deployment/${one.metadata.namespace}/${one.metadata.name}`,
    ...hostsWanted(one, world).map((host): GroupKey => `Host/${host}`),
  ]);
  return [...new Set([...wanted, ...world.existing.flatMap(object => groupOf(object) ?? [])])];
}

function hostsWanted(one: Snapshot['deployments'][number], world: Snapshot): readonly string[] {
  const { intent } = read(one, world);
  return intent ? hostsOf(intent, world.settings) : [];
}

function membersOf(group: GroupKey, world: Snapshot): Snapshot['deployments'] {
  const living = world.existing.filter(object => groupOf(object) === group).flatMap(deploymentsOf);
  return world.deployments.filter(one => {
    const { namespace, name } = one.metadata;
    return (
      group === `Deployment/${namespace}/${name}` ||
      hostsWanted(one, world).some(host => group === `Host/${host}`) ||
      (group.startsWith('Host/') && living.some(ref => ref.namespace === namespace && ref.name === name))
    );
  });
}

function sorted<T>(values: readonly T[]): readonly T[] {
  return values
    .map(value => JSON.stringify(value))
    .sort()
    .map(text => JSON.parse(text) as T);
}

describe('the catalogue of findings', () => {
  /** Of hundreds of KiB: they are in tests. */
  const tooLarge = ['AnnotationTooLarge', 'PatchTooLarge'];
  /** Of what becomes of the controller's writes: they are in its tests. */
  const ofWrites = ['Contended', 'WriteRefused'];
  /** Of a way of reading that no field has at present. */
  const ofNoField = ['NotSupportedYet'];
  const goldens = [
    ...goldenCases().map(name => goldenFile(name, 'findings.txt')),
    ...admissionCases().map(name => admissionFile(name, 'findings.txt')),
  ];
  const text = goldens.map(path => readFileSync(path, 'utf8')).join('');

  it.each(
    CATALOGUE.map(({ name, code }) => [name, code]).filter(
      ([name = '']) => ![...tooLarge, ...ofWrites, ...ofNoField].includes(name),
    ),
  )('has %s in a golden case', (name, code) => {
    expect(text).toContain(` ${name} `);
    expect(text).toContain(` ${code} `);
  });
});
