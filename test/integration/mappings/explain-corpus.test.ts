import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainedRequest } from '../../../cli/explained-request.ts';
import type { ExplainedRequest } from '../../../cli/explained-request.ts';
import { compile } from '../../../shared/compile.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { Request } from '../../../shared/request/request.ts';
import { routesOn } from '../../../shared/request/rules.ts';
import { defaultSettings } from '../../../shared/settings-file.ts';
import type { KubernetesObject, Snapshot } from '../../../shared/snapshot.ts';
import { corpusOf } from './corpus.ts';
import { startGatewayStage } from './gateway-stage.ts';
import type { GatewayStage, Outcome } from './gateway-stage.ts';

const SEED = 20_261_124;
const corpus = corpusOf({ seed: SEED, hosts: 40, requests: 60 });

let stage: GatewayStage;
beforeAll(async () => {
  stage = await startGatewayStage();
});
afterAll(() => stage.stop());

/** Everything is asked of one snapshot, as a cluster would have it. */
const snapshot: Snapshot = {
  settings: defaultSettings,
  now: 0,
  deployments: corpus.flatMap(({ deployments }) => deployments),
  namespaces: new Map(),
  existing: [],
  istio: true,
};

interface Asked {
  readonly host: string;
  readonly request: Request;
  readonly said: ExplainedRequest;
}

function explained(virtualServices: readonly KubernetesObject[]): readonly Asked[] {
  return corpus.flatMap(({ host, requests }) => {
    const spec = virtualServices.find(one => hostOf(one) === host)?.spec as JsonObject | undefined;
    const planned = routesOn(host, snapshot);
    return spec
      ? requests.map(request => ({ host, request, said: explainedRequest(request, host, spec, planned) }))
      : [];
  });
}

function hostOf({ spec }: KubernetesObject): string | undefined {
  return (spec as { readonly hosts?: readonly string[] }).hosts?.[0];
}

function expected({ seen, taker }: ExplainedRequest): Outcome {
  if (seen === undefined) return { status: 400 };
  if (!taker) return { status: 404 };
  const { then } = taker;
  if (then.does === 'preflight') return { status: 200 };
  return then.does === 'forward' ? { seen: then.target } : { status: then.code, location: `http:${then.location}` };
}

/** As one would ask again. */
function textOf({ host, request }: Asked): string {
  const { method, target, headers } = request;
  return [host, method, target, ...headers.map(({ name, value }) => `-H '${name}: ${value}'`)].join(' ');
}

describe('explain and a real gateway', () => {
  it('agree on what becomes of every request of the corpus', async () => {
    const { objects } = compile(snapshot);
    const virtualServices = objects.map(({ object }) => object).filter(({ kind }) => kind === 'VirtualService');
    const services = new Set(JSON.stringify(virtualServices).match(/[a-z0-9-]+(?=\.shop\.svc\.)/g));
    await Promise.all([...services].map(name => stage.serve(name)));
    await stage.route(virtualServices);
    const asked = explained(virtualServices);

    const outcomes = await Promise.all(asked.map(({ host, request }) => stage.send(host, request)));

    const disagreements = asked.flatMap((one, index) => {
      const [ours, its] = [expected(one.said), outcomes[index]].map(outcome => JSON.stringify(outcome));
      return ours === its ? [] : [`${textOf(one)}: we say ${ours}, the gateway ${its}`];
    });
    expect(disagreements).toEqual([]);
    expect(asked.length).toBeGreaterThanOrEqual(2_000);
  });
});
