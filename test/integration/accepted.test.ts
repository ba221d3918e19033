import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compile } from '../../shared/compile.ts';
import type { KubernetesObject } from '../../shared/snapshot.ts';
import { startCluster } from '../cluster/cluster.ts';
import { PORTS } from '../cluster/parts/site.ts';
import type { Cluster } from '../cluster/types.ts';
import { goldenCases, readCase } from '../support/golden.ts';
import { eventually } from './eventually.ts';
import { createNamespace } from './manifests.ts';

/** What Waymark writes in all golden cases, before the API server, Istio's own webhook and a gateway. */

const KINDS = ['VirtualService', 'DestinationRule', 'ServiceEntry'];
const SENTINEL = 'sentinel.example.com';

/** Of one case, under a name that says which. */
interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const written = goldenCases().flatMap(writtenIn);
/** Nothing of Istio's may hold up the others: not even what another case has written for the same host. */
const apart = written.map(hostsApart);

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ istio: true, controllers: false });
  const namespaces = new Set(written.map(({ metadata }) => metadata.namespace));
  await Promise.all([...namespaces].map(namespace => createNamespace(cluster, namespace)));
});
afterAll(() => cluster.stop());

function writtenIn(name: string): readonly Written[] {
  const { objects } = compile(readCase(name).snapshot);
  return objects
    .map(({ object }) => object as KubernetesObject & { readonly spec: Written['spec'] })
    .filter(({ kind }) => KINDS.includes(kind))
    .map(({ apiVersion, kind, metadata: { namespace }, spec }, index) => ({
      apiVersion,
      kind,
      metadata: { name: `${name}-${index}`, namespace },
      spec,
    }));
}

/** Hosts of the case alone; where one is sent to is left as it is. */
function hostsApart(object: Written, index: number): Written {
  const { hosts } = object.spec as { readonly hosts?: readonly string[] };
  if (object.kind !== 'VirtualService' || hosts === undefined) return object;
  return { ...object, spec: { ...object.spec, hosts: hosts.map(host => `n${index}.${host}`.slice(-250)) } };
}

/** Resolves with what is said of errors and warnings. The definitions are asked below, object by object. */
async function create(objects: readonly object[], ...options: readonly string[]): Promise<string> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  const { stderr } = await cluster.kubectl(['create', '--validate=false', ...options, '-f', '-'], {
    input: JSON.stringify(list),
  });
  return stderr;
}

describe('all that is written', () => {
  it('is something', () => {
    expect(written.length).toBeGreaterThan(150);
  });

  it("is accepted by Istio's own webhook without a warning", async () => {
    expect(await create(written, '--dry-run=server')).toBe('');
  });

  it('is held without loss by the API server, whose definitions drop what they do not know', async () => {
    const answers = await Promise.all(
      written.map(({ apiVersion, kind, metadata, spec }) => {
        const path = `/apis/${apiVersion}/namespaces/${metadata.namespace}/${PLURALS[kind] ?? ''}?dryRun=All`;
        return cluster.api('POST', path, { apiVersion, kind, metadata, spec });
      }),
    );

    expect(answers.map(({ body }) => (body as Written).spec)).toEqual(written.map(({ spec }) => spec));
  });

  it('is taken by Envoy, which refuses the routes of a whole gateway for one that it does not like', async () => {
    expect(await create(apart)).toBe('');
    expect(await create([sentinel(1)])).toBe('');

    await eventually(async () => expect(await redirected()).toBe('https://sentinel.example.com/1'), { within: 10_000 });
    expect(await rejected()).toEqual([]);
  });
});

const PLURALS: Readonly<Record<string, string>> = {
  VirtualService: 'virtualservices',
  DestinationRule: 'destinationrules',
  ServiceEntry: 'serviceentries',
};

/** Written after the others, so that a gateway that answers as it says has taken them all. */
function sentinel(version: number): object {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: `sentinel-${version}`, namespace: 'istio-system' },
    spec: {
      hosts: [SENTINEL],
      gateways: ['istio-system/ingressgateway'],
      http: [{ redirect: { scheme: 'https', uri: `/${version}` } }],
    },
  };
}

async function redirected(): Promise<string | undefined> {
  return (await cluster.send({ host: SENTINEL, path: '/' })).headers['location'];
}

/** Counters of refused updates that are not zero. */
async function rejected(): Promise<readonly string[]> {
  const url = `http://${cluster.nodeAddress}:${PORTS.envoyAdmin}/stats?filter=rejected&usedonly`;
  const lines = (await (await fetch(url)).text()).split('\n').filter(line => line.includes('update_rejected'));
  return lines.filter(line => !line.endsWith(': 0'));
}
