import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import { compile } from '../shared/compile.ts';
import type { Deployment } from '../shared/deployment.ts';
import { parseLedger, printLedger } from '../shared/external-ledger.ts';
import { servedIds } from '../shared/values/external-ports.ts';
import { nameOf } from '../shared/findings/finding.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { deployment } from '../test/support/deployments.ts';
import { createExternalClaims } from './external-claims.ts';
import { createExternalWants } from './external-wants.ts';
import { read } from '../shared/read.ts';

/**
 * A cluster of a few Deployments, the numbers and the Services, in steps of any order: what people do, one turn of the
 * controller, the end of the process and of the ledger.
 */
const NAMES = ['a', 'b', 'c', 'd'];
const SETTINGS = { ...defaultSettings, external: { ...defaultSettings.external, ips: ['203.0.113.10'] } };

type Step =
  | { readonly do: 'apply'; readonly name: string; readonly external: string; readonly age: number }
  | { readonly do: 'delete' | 'collect' | 'turn'; readonly name: string }
  /** `collect`: the garbage collector removes what belongs to a Deployment that is gone. */
  | { readonly do: 'restart' | 'lose the ledger' };

const name = fc.constantFrom(...NAMES);
const external = fc.constantFrom('', '{}', 'false', '{id: 1}', '{id: 2}', '{id: 3}');
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('apply' as const), name, external, age: fc.nat(9) }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'collect' as const), name }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('turn' as const), name }), weight: 6 },
  { arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'lose the ledger' as const) }), weight: 1 },
);

class Cluster {
  readonly deployments = new Map<string, Deployment>();
  /** Number by the Deployment of the Service. */
  readonly services = new Map<string, number>();
  readonly claims = createExternalClaims();
  readonly wants = createExternalWants();

  take(one: Step): void {
    switch (one.do) {
      case 'apply':
        this.apply(one.name, one.external, one.age);
        return;
      case 'turn':
        this.turn(one.name);
        return;
      case 'delete':
        this.deployments.delete(one.name);
        this.wants.ask(holderOf(one.name), undefined);
        return;
      case 'collect':
        if (!this.deployments.has(one.name)) this.services.delete(holderOf(one.name));
        return;
      case 'restart':
        this.learn(printLedger(this.claims));
        return;
      case 'lose the ledger':
        this.learn({});
    }
  }

  apply(name: string, external: string, age: number): void {
    const config = `apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving\nmodel: ${name}\nversion: v1\n`;
    const created = this.deployments.get(name)?.metadata.creationTimestamp ?? `2024-05-01T00:00:0${age}Z`;
    const one = deployment(holderOf(name), {
      config: external === '' ? config : `${config}external: ${external}\n`,
      annotations: { 'waymark.dev/injected': '{"main":[]}' },
      metadata: { uid: name, creationTimestamp: created },
    });
    this.deployments.set(name, one);
    this.wants.ask(holderOf(name), read(one, { settings: SETTINGS, namespaces: new Map() }).intent);
  }

  snapshot(name: string): Snapshot {
    const rivals = new Set([holderOf(name), ...this.wants.rivalsOf(holderOf(name))]);
    const members = [...this.deployments].filter(([one]) => rivals.has(holderOf(one))).map(([, one]) => one);
    const { claims } = this;
    const externalIds = {
      held: claims.held,
      wanted: this.wants.written,
      idsOf: (holder: string) => claims.idsOf(holder),
      remembered: (holder: string) => claims.lastOf(holder),
    };
    return {
      settings: SETTINGS,
      now: 0,
      deployments: members,
      namespaces: new Map(),
      existing: [],
      istio: true,
      facts: { ...NO_FACTS, externalIds },
      focus: `Deployment/shop/serving-${name}-1`,
    };
  }

  /** Answers with the names of what was found. */
  turn(name: string): readonly string[] {
    const holder = holderOf(name);
    const { objects, externalClaims, findings } = compile(this.snapshot(name));
    for (const { id } of externalClaims) this.claims.claim(holder, id);
    const service = objects.find(({ object }) => object.metadata.name.endsWith('-external'));
    const [id] = service ? servedIds(SETTINGS.external, service.object.spec) : [];
    if (id !== undefined) this.services.set(holder, id);
    else if (this.deployments.has(name)) this.services.delete(holder);
    for (const own of this.claims.idsOf(holder)) {
      if (own !== this.services.get(holder)) this.claims.release(own);
    }
    return findings.map(nameOf);
  }

  learn(data: Readonly<Record<string, string>>): void {
    this.claims.replace(parseLedger(data), (holder, id) => this.services.get(holder) === id);
    for (const [holder, id] of this.services) if (!this.claims.held.has(id)) this.claims.claim(holder, id);
  }
}

function holderOf(name: string): string {
  return `shop/serving-${name}-1`;
}

const clusterOf = (steps: readonly Step[]): Cluster => {
  const cluster = new Cluster();
  for (const one of steps) cluster.take(one);
  return cluster;
};

describe('numbers of access by address and port, whatever happens in whatever order (R-06, F-11)', () => {
  it('no two Services ever have the same one, and none has one that is not on record as its own', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const cluster = new Cluster();
        for (const one of steps) {
          cluster.take(one);
          const ids = [...cluster.services.values()];

          expect(new Set(ids).size).toBe(ids.length);
          for (const [holder, id] of cluster.services) expect(cluster.claims.held.get(id)).toBe(holder);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('one that somebody writes is not given to a newcomer that does not', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), name, (steps, newcomer) => {
        const cluster = clusterOf(steps);
        const held = cluster.claims.idsOf(holderOf(newcomer));
        cluster.apply(newcomer, '{}', 9);
        const written = new Set(cluster.wants.written);
        cluster.turn(newcomer);

        const [id = 0] = cluster.claims.idsOf(holderOf(newcomer)).filter(one => !held.includes(one));
        expect(written.has(id)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('when nothing happens any more each keeps what it has, over a restart and the loss of the ledger too', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const cluster = clusterOf(steps);
        const all = () => NAMES.map(one => cluster.turn(one).join());
        all();
        all();
        const services = [...cluster.services];
        const findings = all();

        for (const end of ['restart', 'lose the ledger'] as const) {
          cluster.take({ do: end });
          expect(all()).toEqual(findings);
          expect([...cluster.services]).toEqual(services);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of two that write the same free one the older has it, in whatever order they are looked at', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(NAMES, { minLength: 4 }),
        fc.shuffledSubarray(NAMES, { minLength: 4 }),
        (ages, turns) => {
          const cluster = new Cluster();
          for (const one of NAMES) cluster.apply(one, '{id: 2}', ages.indexOf(one));
          for (const one of turns) cluster.turn(one);

          expect([...cluster.services]).toEqual([[holderOf(ages[0] ?? ''), 2]]);
        },
      ),
    );
  });

  it('a Deployment that is deleted and made again has the one that it had, as long as nobody else took it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), name, (steps, chosen) => {
        const cluster = clusterOf(steps);
        cluster.apply(chosen, '{}', 9);
        cluster.turn(chosen);
        const before = cluster.services.get(holderOf(chosen));
        for (const one of ['delete', 'turn', 'collect', 'turn'] as const) cluster.take({ do: one, name: chosen });
        if (cluster.wants.written.has(before ?? 0)) return;
        cluster.take({ do: 'restart' });
        cluster.apply(chosen, '{}', 9);
        cluster.turn(chosen);

        expect(cluster.services.get(holderOf(chosen))).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});
