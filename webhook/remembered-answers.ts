import { crc32 } from 'node:zlib';
import type { Hook, Outcome } from './review.ts';

/**
 * The API server writes reviews always alike, and the uid is the only part of a review that differs between two equal
 * questions. Any other beginning is judged anew each time.
 */
const HEAD = Buffer.from('{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"');
const UID_LENGTH = 36;
const UID = /^[0-9a-f-]{36}$/;

/** Bytes of remembered bodies; some hundred Deployments. */
const MAX_REMEMBERED = 4 * 1024 * 1024;
/** A body above this would push out too many others. */
const MAX_BODY_REMEMBERED = 128 * 1024;
/** Questions that were asked once, most of which never come again: a number each. */
const MAX_MET = 4096;

export interface RememberedAnswers {
  readonly answer: (hook: Hook, body: Buffer) => Outcome;
  /** To be called whenever something else than the body has changed that answers depend on. */
  readonly forget: () => void;
}

interface Entry {
  readonly hook: Hook;
  /** What follows the uid in the body. */
  readonly rest: Buffer;
  readonly outcome: Outcome;
  /** The answer's text around the uid. */
  readonly before: string;
  readonly after: string;
}

/**
 * Answers a question that was asked before, byte for byte, as it was answered then. GitOps controllers ask about every
 * object at every interval (server-side apply as a dry run), nearly always with nothing changed. What is asked for the
 * second time is remembered, within bounds; the least recently asked go first.
 */
export function rememberAnswers(answer: (hook: Hook, body: Buffer) => Outcome): RememberedAnswers {
  const entries = new Map<number, Entry>();
  let remembered = 0;
  const met = new Set<number>();

  /** True from the second time on. */
  function isMetAgain(key: number): boolean {
    if (met.delete(key)) return true;
    met.add(key);
    if (met.size > MAX_MET) met.clear();
    return false;
  }

  function drop(key: number, entry: Entry): void {
    entries.delete(key);
    remembered -= entry.rest.length;
  }

  function remember(key: number, entry: Entry): void {
    const last = entries.get(key);
    if (last !== undefined) drop(key, last);
    entries.set(key, entry);
    remembered += entry.rest.length;
    for (const [oldest, { rest }] of entries) {
      if (remembered <= MAX_REMEMBERED) return;
      entries.delete(oldest);
      remembered -= rest.length;
    }
  }

  return {
    answer(hook, body) {
      const uid = uidOf(body);
      if (uid === undefined) return answer(hook, body);
      const rest = body.subarray(HEAD.length + UID_LENGTH);
      // Equal sums are no proof: the bytes are compared.
      const key = crc32(rest, hook === 'mutate' ? 0 : 1);
      const entry = entries.get(key);
      if (entry?.hook === hook && entry.rest.equals(rest)) {
        // Last in the order of the map = most recently asked.
        entries.delete(key);
        entries.set(key, entry);
        return { ...entry.outcome, uid, body: entry.before + uid + entry.after };
      }
      const outcome = answer(hook, body);
      if (isLasting(outcome) && isMetAgain(key)) {
        const [before = '', after = '', ...more] = outcome.body.split(uid);
        if (more.length === 0) remember(key, { hook, rest: Buffer.from(rest), outcome, before, after });
      }
      return outcome;
    },
    forget() {
      entries.clear();
      remembered = 0;
    },
  };
}

function isLasting({ result }: Outcome): boolean {
  return result !== 'failed' && result !== 'malformed';
}

/** Undefined for every body that is not written as the API server writes it, and for one that is too large. */
function uidOf(body: Buffer): string | undefined {
  if (body.length > MAX_BODY_REMEMBERED || !body.subarray(0, HEAD.length).equals(HEAD)) return undefined;
  const uid = body.toString('latin1', HEAD.length, HEAD.length + UID_LENGTH);
  return UID.test(uid) ? uid : undefined;
}
