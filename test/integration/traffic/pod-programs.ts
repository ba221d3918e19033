import type { Pod } from './scene.ts';

/** A request to the program of a Pod itself, past the gateway. */
async function ask({ metadata, status }: Pod, path: string, method = 'GET'): Promise<unknown> {
  const answer = await fetch(`http://${status.podIP ?? ''}:8080${path}`, {
    method,
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`${metadata.name}${path}: ${answer.status}`);
  return answer.json();
}

/** Its program ends with an error, once it has answered what it was asked before. Kubernetes starts it again. */
export async function failPod(pod: Pod): Promise<void> {
  await ask(pod, '/fail', 'PUT');
}

/** How many requests to a host have reached these Pods, copies of requests to others included: Istio marks none. */
export async function arrivedAt(pods: readonly Pod[], host: string): Promise<number> {
  const all = (await Promise.all(pods.map(pod => ask(pod, '/counts')))) as Readonly<Record<string, number>>[];
  return all.reduce((total, counts) => total + (counts[host] ?? 0), 0);
}
