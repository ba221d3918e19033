import { isGone } from './kube-error.ts';
import type { KubeClient, KubeObject } from './types.ts';

/** Objects a page: client-go's number. */
const PAGE = 500;

interface ListAnswer {
  readonly items?: readonly KubeObject[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** What a watch that misses nothing starts from. */
  readonly resourceVersion: string;
}

/**
 * The whole collection as of one moment, page by page; when a page is no longer to be had, anew and in one piece. Keeps
 * of each object only what `project` makes of it; `undefined` keeps nothing.
 */
export async function listProjected<T>(
  client: KubeClient,
  path: string,
  query: URLSearchParams,
  signal: AbortSignal,
  project: (object: KubeObject) => T | undefined,
  page = PAGE,
): Promise<Listed<T>> {
  try {
    return await listPages(client, path, query, signal, project, page);
  } catch (error) {
    if (!isGone(error)) throw error;
    return listPages(client, path, query, signal, project, undefined);
  }
}

async function listPages<T>(
  client: KubeClient,
  path: string,
  selectors: URLSearchParams,
  signal: AbortSignal,
  project: (object: KubeObject) => T | undefined,
  limit: number | undefined,
): Promise<Listed<T>> {
  const items: T[] = [];
  const query = new URLSearchParams(selectors);
  if (limit !== undefined) query.set('limit', String(limit));
  for (;;) {
    const request = { path: `${path}?${query.toString()}`, timeout: 60_000, signal };
    const page = (await client.request(request)) as ListAnswer;
    for (const item of page.items ?? []) {
      const kept = project(item);
      if (kept !== undefined) items.push(kept);
    }
    const { resourceVersion, continue: next } = page.metadata;
    if (next === undefined || next === '') return { items, resourceVersion };
    query.set('continue', next);
  }
}
