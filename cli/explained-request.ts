import type { JsonObject } from '../shared/json.ts';
import type { Route } from '../shared/plan/route.ts';
import { readMatch } from '../shared/render/route-match.ts';
import { EVERY_REQUEST } from '../shared/request-match.ts';
import type { RequestMatch } from '../shared/request-match.ts';
import { consequenceOf } from '../shared/request/consequence.ts';
import type { Consequence } from '../shared/request/consequence.ts';
import { evaluate } from '../shared/request/evaluate.ts';
import { SET_BY_GATEWAY } from '../shared/request/gateway-headers.ts';
import type { Request } from '../shared/request/request.ts';
import { rulesBehind } from '../shared/request/rules.ts';
import type { Rule } from '../shared/request/rules.ts';
import { seenByGateway } from '../shared/request/seen.ts';
import { routesIn } from './explained-routes.ts';
import type { ExplainedRoute } from './explained-routes.ts';

/** What becomes of one request to a host. */
export interface ExplainedRequest {
  readonly method: string;
  /** Path and query as asked. */
  readonly target: string;
  /** Path and query as the gateway reads them; absent = it refuses them with 400. */
  readonly seen?: string;
  /** Absent = no route takes it, and the gateway answers 404. */
  readonly taker?: Taker;
  /** Those that nearly took it, the nearest first. */
  readonly near: readonly Near[];
  /** What the reader ought to know of the answer itself. */
  readonly notes: readonly string[];
}

export interface Taker {
  /** More than one where they share their requests. */
  readonly rules: readonly Rule[];
  readonly route: ExplainedRoute;
  readonly then: Consequence;
}

export interface Near {
  readonly rules: readonly Rule[];
  readonly route: ExplainedRoute;
  /** Why not, as one clause. */
  readonly why: string;
}

/**
 * `spec` of the host's VirtualService, as we write it or leave it; `planned`: what is behind its entries, by their names.
 */
export function explainedRequest(
  request: Request,
  host: string,
  spec: JsonObject | undefined,
  planned: ReadonlyMap<string, Route>,
): ExplainedRequest {
  const entries = Array.isArray(spec?.['http']) ? (spec['http'] as readonly JsonObject[]) : [];
  const matches = entries.map(matchIn);
  const { method, target } = request;
  const notes = notesOf(request, matches);
  const seen = seenByGateway(request, host);
  if (!seen) return { method, target, near: [], notes };
  const { taker, near } = evaluate(matches, seen);
  const routes = routesIn(spec);
  const found = (index: number) => {
    const [route, entry, match] = [routes[index], entries[index], matches[index]];
    return route && entry && match && { route, entry, match, rules: rulesBehind(route.name, planned.get(route.name)) };
  };
  const taking = taker === undefined ? undefined : found(taker);
  return {
    method,
    target,
    seen: `${seen.path}${seen.query}`,
    ...(taking && {
      taker: {
        rules: taking.rules,
        route: taking.route,
        then: consequenceOf(taking.entry, taking.match.path, seen),
      },
    }),
    near: near.flatMap(({ index, why }) => {
      const one = found(index);
      return one ? [{ rules: one.rules, route: one.route, why }] : [];
    }),
    notes,
  };
}

/** Ours have one condition, or none where they take everything. */
function matchIn({ match }: JsonObject): RequestMatch {
  const [condition] = Array.isArray(match) ? (match as readonly JsonObject[]) : [];
  return condition ? readMatch(condition) : EVERY_REQUEST;
}

function notesOf({ headers }: Request, matches: readonly RequestMatch[]): readonly string[] {
  const given = new Set(headers.map(({ name }) => name.toLowerCase()));
  const asked = matches.flatMap(match => match.headers.filter(({ test }) => test.kind !== 'present'));
  const unknown = new Set(asked.map(({ name }) => name).filter(name => SET_BY_GATEWAY.has(name) && !given.has(name)));
  return [...unknown]
    .sort()
    .map(name => `the gateway writes header ${name} itself: give the value it will have with -H`);
}
