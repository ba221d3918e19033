import { NO_EDITS } from '../../shared/intent.ts';
import type { Destination, Forward, Intent, Mapping } from '../../shared/intent.ts';
import { settle } from '../../shared/plan/groups.ts';
import type { Settled } from '../../shared/plan/groups.ts';
import type { UnreadyOf } from '../../shared/plan/group-traffic.ts';
import { candidateOf } from '../../shared/plan/host-ledger.ts';
import { destinationsOf } from '../../shared/plan/route-destinations.ts';
import type { RouteDestination } from '../../shared/plan/route-destinations.ts';
import { membersOf } from '../../shared/plan/route.ts';
import type { Route } from '../../shared/plan/route.ts';
import { nameOf } from '../../shared/findings/finding.ts';
import { underPrefix } from '../../shared/request-match.ts';
import type { PathMatch, RequestMatch } from '../../shared/request-match.ts';

/** What a Mapping says, as far as others matter to it. */
export interface Wish extends Partial<Omit<Forward, 'does' | 'isShadow'>> {
  readonly prefix?: string;
  readonly path?: Partial<PathMatch>;
  readonly match?: Partial<RequestMatch>;
  readonly precedence?: number;
  readonly weight?: number;
  readonly shadow?: boolean;
}

const HOST = 'web.example.com';
const TEXT = ' '.repeat(1000);

/** Mappings of one Deployment on one host, in document order: `{ one: { weight: 10 } }`. */
export function routesFrom(deployment: string, wishes: Readonly<Record<string, Wish>>): readonly Route[] {
  const [namespace = '', name = ''] = deployment.split('/');
  const mappings = Object.entries(wishes).map(([title, wish], index) => mappingOf(title, wish, index));
  const intent: Intent = {
    object: { kind: 'Deployment', namespace, name },
    key: 'waymark.dev/config',
    text: TEXT,
    environment: 'prod',
    area: '',
    domain: '',
    mappings,
    ports: [{ name: 'http', port: 80, appProtocol: 'http' }],
  };
  return mappings.map(mapping => ({ intent, mapping, place: { host: HOST, named: false, at: mapping.at, path: '' } }));
}

/** What an InferenceService has by itself. */
export function catchAllOf(deployment: string): Route {
  const [route] = routesFrom(deployment, { m: {} });
  if (!route) throw new Error('no route');
  const { intent, place } = route;
  return { intent: { ...intent, mappings: [] }, place };
}

function mappingOf(name: string, wish: Wish, index: number): Mapping {
  const { prefix = '/a/', path, match, precedence = 0, weight, shadow = false, ...action } = wish;
  const at = { start: index * 10, end: index * 10 + 5 };
  const plain = { ...underPrefix(prefix), ...match };
  return {
    at,
    name,
    match: { ...plain, path: { ...plain.path, ...path } },
    prefixAt: at,
    precedence,
    ...(weight !== undefined && { weight: { value: weight, at } }),
    action: {
      does: 'forward',
      destination: { to: 'own' },
      isShadow: shadow,
      rewrite: { kind: 'prefix', value: '/' },
      timeout: 3000,
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
      ...action,
    },
  };
}

export function to(name: string, namespace = 'shop'): Destination {
  return { to: 'service', at: { start: 0, end: 0 }, namespace, name, port: 80 };
}

export function outside(host: string): Destination {
  return { to: 'external', at: { start: 0, end: 0 }, host, port: 443 };
}

export function settled(routes: readonly Route[], unreadyOf: UnreadyOf = () => undefined): Settled {
  return settle(routes.map(candidateOf), unreadyOf);
}

/** `a/x+b/y: a 30, b 70, copies c 100` for each that is granted, and `GroupMismatch b/y` for each that is told something. */
export function outcome({ granted, told }: Settled): readonly string[] {
  const routes = granted.flatMap(({ entry }) => ('route' in entry ? [entry.route] : []));
  return [
    ...routes.map(route => `${membersOf(route).map(brief).join('+')}: ${sent(route)}`),
    ...told.map(({ route, finding }) => `${nameOf(finding)} ${brief(route)}`),
  ];
}

function brief({ intent, mapping }: Route): string {
  return mapping ? `${intent.object.name}/${mapping.name}` : intent.object.name;
}

function sent(route: Route): string {
  const { destinations, mirrors } = destinationsOf(route) ?? { destinations: [], mirrors: [] };
  const copies = mirrors.length === 0 ? '' : `, copies ${mirrors.map(placed).join(', ')}`;
  return destinations.map(placed).join(', ') + copies;
}

function placed({ to: where, percent }: RouteDestination): string {
  return `${where.kind === 'service' ? where.name : where.host} ${percent}`;
}
