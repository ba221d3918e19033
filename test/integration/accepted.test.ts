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

/** In the case `group-precedence`: they are never reached, and Waymark says so too (`RouteNeverReached`). */
const UNREACHED = ['shop/web-a/high', 'shop/web-a/low', 'shop/web-a/lower'];

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

/** Hosts of the case alone; where a route sends to is left as it is. */
function hostsApart(object: Written, index: number): Written {
  const { spec } = object;
  const { hosts, host } = spec as { readonly hosts?: readonly string[]; readonly host?: string };
  if (object.kind === 'VirtualService') {
    return { ...object, spec: { ...spec, hosts: hosts?.map(one => `n${index}.${one}`.slice(-250)) } };
  }
  return object.kind === 'DestinationRule' ? { ...object, spec: { ...spec, host: `n${index}-${host ?? ''}` } } : object;
}

/** What a DestinationRule is about: without it a gateway would not be told of the rule. */
function servicesOf({ kind, spec }: Written): readonly object[] {
  const { host, trafficPolicy } = spec as Partial<Rule>;
  const [name = '', namespace = '', ...domain] = host?.split('.') ?? [];
  if (kind !== 'DestinationRule' || domain.join('.') !== 'svc.cluster.local') return [];
  const ports = trafficPolicy?.portLevelSettings.map(({ port }) => ({
    name: `http-${port.number}`,
    port: port.number,
  }));
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports } }];
}

interface Rule {
  readonly host: string;
  readonly trafficPolicy: { readonly portLevelSettings: readonly { readonly port: { readonly number: number } }[] };
}

/** Resolves with what is said of errors and warnings that are not expected. The definitions are asked below, object by object. */
async function create(objects: readonly object[], ...options: readonly string[]): Promise<string> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  const { stderr } = await cluster.kubectl(['create', '--validate=false', ...options, '-f', '-'], {
    input: JSON.stringify(list),
  });
  return stderr
    .split('\n')
    .filter(line => !UNREACHED.some(name => line.startsWith(`Warning: virtualService rule "${name}"`)))
    .join('\n');
}

describe('all that is written', () => {
  it('is something', () => {
    expect(written.length).toBeGreaterThan(150);
  });

  it("is accepted by Istio's own webhook without a warning that we do not give", async () => {
    expect(await create(written, '--dry-run=server')).toBe('');
  });

  it('is held without loss by the API server, whose definitions drop what they do not know', async () => {
    const held = written.map(async ({ apiVersion, kind, metadata, spec }) => {
      const path = `/apis/${apiVersion}/namespaces/${metadata.namespace}/${PLURALS[kind] ?? ''}?dryRun=All`;
      const { status, body } = await cluster.api('POST', path, { apiVersion, kind, metadata, spec });
      return [metadata.name, status === 201 ? (body as Written).spec : body];
    });

    const asWritten = Object.fromEntries(written.map(({ metadata, spec }) => [metadata.name, spec]));
    expect(Object.fromEntries(await Promise.all(held))).toEqual(asWritten);
  });

  it('is taken by Envoy, which refuses the routes of a whole gateway for one that it does not like', async () => {
    expect(await create([...apart.flatMap(servicesOf), ...apart])).toBe('');
    expect(await create([sentinel(1)])).toBe('');

    await eventually(async () => expect(await redirected()).toBe('https://sentinel.example.com/1'), { within: 10_000 });
    expect(await rejected()).toEqual([]);
    const clusters = await ofEnvoy('clusters');
    const ruled = apart.filter(object => servicesOf(object).length > 0 && !needsAgent(object));
    expect(ruled.map(({ spec }) => String(spec['host'])).filter(host => !clusters.includes(`||${host}::`))).toEqual([]);
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

/** Whether Envoy asks Istio's agent beside it for certificates that the system trusts, and waits: here there is no agent. */
function needsAgent({ spec }: Written): boolean {
  return JSON.stringify(spec).includes('"caCertificates":"system"');
}

/** Counters of refused updates that are not zero. */
async function rejected(): Promise<readonly string[]> {
  const lines = (await ofEnvoy('stats?filter=update_rejected&usedonly')).split('\n');
  return lines.filter(line => line !== '' && !line.endsWith(': 0'));
}

/** A page of Envoy's administration. */
async function ofEnvoy(page: string): Promise<string> {
  return (await fetch(`http://${cluster.nodeAddress}:${PORTS.envoyAdmin}/${page}`)).text();
}
