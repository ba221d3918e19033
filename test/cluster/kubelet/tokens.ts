import type { Api } from './api.ts';
import { isMissing } from './objects.ts';
import type { Missing, Pod } from './objects.ts';

export interface TokenRequest {
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

/** Tokens of one pod's service account, as projected volumes hold them. */
export interface TokenSource {
  /** The token to be in the file now: a new one once four fifths of the old one's life are over. */
  token(pod: Pod, request: TokenRequest): Promise<string | Missing>;
  /** Milliseconds since the epoch when the first token must be renewed; `undefined` = none was asked for. */
  renewAt(): number | undefined;
}

interface Issued {
  readonly token: string;
  readonly renewAt: number;
}

const DEFAULT_LIFE = 3_600;
const RENEWED_AFTER = 0.8;

export function tokensOf(api: Api): TokenSource {
  const issued = new Map<string, Issued>();

  async function issue(
    pod: Pod,
    { audience, expirationSeconds = DEFAULT_LIFE }: TokenRequest,
  ): Promise<Issued | Missing> {
    const { name, namespace, uid } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? 'default';
    const { status, body } = await api.request(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: audience === undefined ? [] : [audience],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    );
    if (status !== 201) return { missing: `no token for service account "${account}": ${status}` };
    const { token, expirationTimestamp } = (body as { status: { token: string; expirationTimestamp: string } }).status;
    const now = Date.now();
    return { token, renewAt: now + (Date.parse(expirationTimestamp) - now) * RENEWED_AFTER };
  }

  return {
    async token(pod, request) {
      const key = JSON.stringify([request.audience, request.expirationSeconds]);
      const known = issued.get(key);
      if (known !== undefined && Date.now() < known.renewAt) return known.token;
      const noAnswer: Missing = { missing: 'no token: the API server does not answer' };
      const next = await issue(pod, request).catch(() => noAnswer);
      // The old one is still good for a fifth of its life.
      if (isMissing(next)) return known?.token ?? next;
      issued.set(key, next);
      return next.token;
    },
    renewAt() {
      return issued.size === 0 ? undefined : Math.min(...[...issued.values()].map(({ renewAt }) => renewAt));
    },
  };
}
