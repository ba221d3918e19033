import { crc32 } from 'node:zlib';
import type { Hook, Outcome } from './review.ts';

/**
 * The API server writes reviews always alike, and the uid is the only part of a review that differs between two equal
 * questions. Any other beginning is judged anew each time.
 */
const HEAD = '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"';
const UID_LENGTH = 36;
const UID = /^[0-9a-f-]{36}$/;
const HEAD_LENGTH = HEAD.length + UID_LENGTH;

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
  /** Of which all that follows the uid counts. */
  readonly body: Buffer;
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
    remembered -= entry.body.length;
  }

  function remember(key: number, entry: Entry): void {
    const last = entries.get(key);
    if (last !== undefined) drop(key, last);
    entries.set(key, entry);
    remembered += entry.body.length;
    for (const [oldest, one] of entries) {
      if (remembered <= MAX_REMEMBERED) return;
      drop(oldest, one);
    }
  }

  return {
    answer(hook, body) {
      const uid = uidOf(body);
      if (uid === undefined) return answer(hook, body);
      const key = crc32(body.subarray(HEAD_LENGTH), hook === 'mutate' ? 0 : 1);
      const entry = entries.get(key);
      // Equal sums are no proof.
      if (entry?.hook === hook && isSameQuestion(entry.body, body)) {
        // Last in the order of the map = most recently asked.
        entries.delete(key);
        entries.set(key, entry);
        return { ...entry.outcome, uid, body: entry.before + uid + entry.after };
      }
      const outcome = answer(hook, body);
      if (isLasting(outcome) && isMetAgain(key)) {
        const [before = '', after = '', ...more] = outcome.body.split(uid);
        if (more.length === 0) remember(key, { hook, body: Buffer.from(body), outcome, before, after });
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
  if (body.length > MAX_BODY_REMEMBERED) return undefined;
  const head = body.toString('latin1', 0, HEAD_LENGTH);
  if (!head.startsWith(HEAD)) return undefined;
  const uid = head.slice(HEAD.length);
  return UID.test(uid) ? uid : undefined;
}

/** Of two bodies that begin as they should: whether all that follows the uid is the same. */
function isSameQuestion(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && a.compare(b, HEAD_LENGTH, b.length, HEAD_LENGTH, a.length) === 0;
}
