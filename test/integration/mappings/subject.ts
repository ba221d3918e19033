import { expect } from '@jest/globals';
import type { EchoAnswer, GatewayAnswer, GatewayRequest } from '../../cluster/types.ts';
import { deployment, documents } from '../manifests.ts';
import type { Manifest } from '../manifests.ts';
import type { World } from '../world.ts';

export const NAMESPACE = 'shop';

/** Of the program that Mappings send to unless they say otherwise. */
export const ECHO = 'echo';
export const ECHO_HOST = `${ECHO}.${NAMESPACE}.svc.cluster.local`;

/** Mappings on a host of their own, and what becomes of requests to it. */
export interface Subject {
  /** Name → lines of the document, all but `kind`, `name` and `host`. Without `service` it sends to `echo`. */
  readonly mappings: Readonly<Record<string, readonly string[]>>;
  readonly requests: Readonly<Record<string, Exchange>>;
}

export interface Exchange {
  readonly request: Omit<GatewayRequest, 'host'>;
  /** What the program that was reached saw; absent = none need be reached. */
  readonly seen?: Seen;
  readonly answer?: { readonly status?: number; readonly headers?: HeaderValues };
}

export interface Seen {
  readonly deployment?: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: HeaderValues;
}

/** `undefined` = there is none of that name. */
export type HeaderValues = Readonly<Record<string, string | undefined>>;

export type Topic = Readonly<Record<string, Subject>>;

/** Of the subjects of one topic, by their order. */
export function hostOf(topic: string, index: number): string {
  return `s${index}.${topic}.example.com`;
}

/** A Deployment without Pods that holds the Mappings of a topic. */
export function topicDeployment(topic: string, subjects: Topic): Manifest {
  const texts = Object.values(subjects).flatMap(({ mappings }, index) =>
    Object.entries(mappings).map(([name, lines]) => mappingText(`s${index}-${name}`, hostOf(topic, index), lines)),
  );
  return deployment(`${NAMESPACE}/${topic}`, { config: documents(...texts) });
}

export function mappingText(name: string, host: string, lines: readonly string[]): string {
  const has = (field: string) => lines.some(line => line.startsWith(`${field}:`));
  return [
    ...(has('apiVersion') ? [] : ['apiVersion: getambassador.io/v2']),
    'kind: Mapping',
    `name: ${name}`,
    ...(has('hostname') ? [] : [`host: ${host}`]),
    ...(has('service') || has('host_redirect') ? [] : [`service: ${ECHO}:8080`]),
    ...lines,
    '',
  ].join('\n');
}

/** What the program behind the gateway saw; undefined = the gateway answered by itself. */
export function seenIn(answer: GatewayAnswer): (EchoAnswer & { readonly deployment: string }) | undefined {
  if (answer.headers['x-echo-pod'] === undefined) return undefined;
  const seen = JSON.parse(answer.body) as EchoAnswer;
  return { ...seen, deployment: deploymentOf(seen.pod) };
}

/** A Pod's name is its Deployment's, that of a ReplicaSet and its own. */
function deploymentOf(pod: string): string {
  return pod.replace(/-[^-]+-[^-]+$/, '');
}

/** Sends the request and compares. */
export async function exchange(world: World, host: string, { request, seen, answer }: Exchange): Promise<void> {
  const answered = await world.cluster.send({ ...request, host });
  const { status = 200, headers = {} } = answer ?? {};

  expect({ status: answered.status, headers: chosen(answered.headers, headers) }).toEqual({ status, headers });
  if (seen !== undefined) expect(chosenSeen(answered, seen)).toEqual(seen);
}

function chosenSeen(answer: GatewayAnswer, wanted: Seen): Seen | undefined {
  const seen = seenIn(answer);
  if (seen === undefined) return undefined;
  const { headers } = wanted;
  const fields = Object.keys(wanted) as (keyof Seen)[];
  return {
    ...Object.fromEntries(fields.map(field => [field, seen[field]])),
    ...(headers && { headers: chosen(seen.headers, headers) }),
  };
}

/** Of the headers that came those that are wanted, or wanted away. */
function chosen(headers: Readonly<Record<string, string>>, wanted: HeaderValues): HeaderValues {
  return Object.fromEntries(Object.keys(wanted).map(name => [name, headers[name]]));
}
