import type { Forward, Redirect } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import type { Route } from '../plan/route.ts';
import { destinationsOf } from '../plan/route-destinations.ts';
import type { PathMatch } from '../request-match.ts';
import type { Settings } from '../settings.ts';
import { renderCors } from './cors-policy.ts';
import { durationText } from './duration.ts';
import { renderDestinations } from './route-destinations.ts';
import type { RenderedDestinations } from './route-destinations.ts';
import { renderMatch } from './route-match.ts';
import { entryName } from './route-name.ts';

/** One entry of a VirtualService. */
export function renderRoute(route: Route, settings: Pick<Settings, 'clusterDomain'>): JsonObject {
  const { intent, mapping, modelPath } = route;
  const destinations = destinationsOf(route);
  const sent = destinations && renderDestinations(destinations, settings);
  if (!mapping) {
    return {
      name: entryName(route),
      ...(modelPath !== undefined && { match: [{ uri: { prefix: modelPath } }], rewrite: { uri: '/' } }),
      ...sent?.entry,
      ...renderTimeout(intent.service?.timeout ?? 0),
    };
  }
  const entry = { name: entryName(route), match: [renderMatch(mapping.match)] };
  const { action } = mapping;
  if (action.does === 'redirect') return { ...entry, redirect: renderRedirect(action) };
  return {
    ...entry,
    ...renderRewrite(action, mapping.match.path, sent?.authority),
    ...sent?.entry,
    ...(action.cors && { corsPolicy: renderCors(action.cors) }),
    ...renderTimeout(action.timeout),
    retries: renderRetries(action.retries),
  };
}

function renderRedirect({ scheme, host, port, path, code }: Redirect): JsonObject {
  return {
    ...(scheme && { scheme }),
    authority: host,
    ...(port !== undefined && { port }),
    ...(path && { [path.kind === 'whole' ? 'uri' : 'prefixRewrite']: path.value }),
    redirectCode: code,
  };
}

/** Istio refuses a rewrite that says nothing. */
function renderRewrite(
  { rewrite }: Forward,
  path: PathMatch,
  authority: RenderedDestinations['authority'],
): JsonObject {
  const parts = { ...renderPathRewrite(rewrite, path), ...(authority !== undefined && { authority }) };
  return Object.keys(parts).length > 0 ? { rewrite: parts } : {};
}

function renderPathRewrite(rewrite: Forward['rewrite'], path: PathMatch): JsonObject {
  switch (rewrite.kind) {
    case 'none':
      return {};
    case 'prefix':
      return isSameText(rewrite.value, path) ? {} : { uri: rewrite.value };
    case 'regex':
      return { uriRegexRewrite: { match: rewrite.pattern, rewrite: rewrite.substitution } };
  }
}

/** Whether what was matched is what would be written: not so of a pattern, nor of letters in another case. */
function isSameText(value: string, { kind, value: matched, ignoresCase }: PathMatch): boolean {
  return kind !== 'regex' && !ignoresCase && value === matched;
}

function renderTimeout(milliseconds: number): JsonObject {
  return milliseconds === 0 ? {} : { timeout: durationText(milliseconds) };
}

function renderRetries(retries: Forward['retries']): JsonObject {
  // Ambassador does not retry by itself; Istio would, twice.
  if (!retries) return { attempts: 0 };
  const { on, attempts, perTryTimeout } = retries;
  return {
    attempts,
    ...(perTryTimeout !== undefined && { perTryTimeout: durationText(perTryTimeout) }),
    // Istio takes no blanks between them.
    retryOn: on.join(','),
  };
}
