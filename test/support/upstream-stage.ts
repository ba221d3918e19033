import type { Sender } from '../../shared/cluster-facts.ts';
import { NO_FACTS } from '../../shared/cluster-facts.ts';
import type { Forward, Intent, Mapping } from '../../shared/intent.ts';
import { NO_EDITS } from '../../shared/intent.ts';
import type { Member } from '../../shared/plan/member.ts';
import { underPrefix } from '../../shared/request-match.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { ExistingObject, Snapshot } from '../../shared/snapshot.ts';
import { container, deployment } from './deployments.ts';

const NOWHERE = { start: 0, end: 0 };

/** What `upstreamMember` is made of, so that a test says only what it is about. */
export interface MemberParts {
  readonly mappings?: readonly Mapping[];
  /** Seconds after the beginning. */
  readonly age?: number;
  /** Digits of a version: those with one are of one line. */
  readonly version?: string;
  readonly isFrozen?: boolean;
}

/** Deployment `shop/web` with Mappings, read and known to be good. */
export function upstreamMember(path: string, { mappings = [], age = 0, version, isFrozen }: MemberParts): Member {
  const [namespace = '', name = ''] = path.split('/');
  const ref = { kind: 'Deployment', namespace, name };
  const creationTimestamp = new Date(Date.parse('2026-01-01T00:00:00Z') + age * 1000).toISOString();
  const identity =
    version === undefined ? undefined : { type: 'serving', model: 'm', version, environment: 'prod' as const };
  const intent: Intent = {
    object: ref,
    key: 'waymark.dev/config',
    text: '',
    environment: 'prod',
    area: '',
    domain: '',
    mappings,
    ports: [{ name: 'http', port: 8080, appProtocol: 'http' }],
    ...(identity && {
      service: {
        ...identity,
        at: NOWHERE,
        modelAt: NOWHERE,
        versionAt: NOWHERE,
        modelPath: '',
        container: 'main',
        hosts: [],
        timeout: 0,
        split: [],
        mirror: [],
        upgrade: { strategy: 'replace', bake: 0, drain: 0 },
      },
    }),
  };
  return {
    deployment: deployment(path, { containers: [container('main')], metadata: { creationTimestamp, uid: path } }),
    ref,
    deniable: false,
    ...(identity && { identity }),
    ...(!isFrozen && { intent }),
  };
}

/** `to`: `api.example.com:443`, outside the cluster; `web.shop:80`, a Service; nothing, the own one. */
export function mappingTo(to: string, forward: Partial<Forward> = {}, name = 'm'): Mapping {
  const [host = '', port = '80'] = to.split(':');
  const [service = '', namespace = '', ...more] = host.split('.');
  const address = { at: NOWHERE, port: Number(port) };
  const outside = { to: 'external' as const, host, ...address };
  const inside = { to: 'service' as const, namespace, name: service, ...address };
  const destination = to === '' ? ({ to: 'own' } as const) : more.length > 0 ? outside : inside;
  return {
    at: NOWHERE,
    name,
    match: underPrefix('/'),
    prefixAt: NOWHERE,
    precedence: 0,
    action: {
      does: 'forward',
      destination,
      isShadow: false,
      rewrite: { kind: 'none' },
      timeout: 0,
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
      ...forward,
    },
  };
}

export interface UpstreamWorld {
  readonly existing?: readonly ExistingObject[];
  readonly senders?: readonly Sender[];
  readonly now?: number;
}

/** A cluster of which nothing else is known. */
export function upstreamSnapshot({ existing = [], senders = [], now = 100_000 }: UpstreamWorld = {}): Snapshot {
  return {
    settings: defaultSettings,
    now,
    deployments: [],
    namespaces: new Map(),
    existing,
    istio: true,
    facts: { ...NO_FACTS, traffic: { ...NO_FACTS.traffic, sendersTo: () => senders } },
  };
}
