import { createHash } from 'node:crypto';
import type { Logger } from '../runtime/log.ts';
import type { Clock } from './clock.ts';
import { microTime } from './leader.ts';
import { KubeError } from './kube-error.ts';
import { readObject } from './read-object.ts';
import { RESOURCES, collectionPath, objectPath } from './resources.ts';
import type { KubeClient } from './types.ts';

/** What an Event is about. */
export interface Involved {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase. */
  readonly reason: string;
  /** One line, at most 1024 characters. */
  readonly message: string;
}

export interface RecorderOptions {
  readonly client: KubeClient;
  /** For example `waymark-controller`. */
  readonly component: string;
  /** Which one of several: the Pod's name. */
  readonly instance: string;
  readonly onWrite: (kind: string, verb: 'create' | 'patch') => void;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Says what holds of an object, as Events on it. An Event is written when something begins to hold, and again only when
 * it did not hold in between. Its name is made of what it says, so that a restart finds it and does not repeat it.
 */
export interface Recorder {
  /**
   * All that holds now. Never rejects: what could not be written is written at the next call. Resolves with whether that
   * is worth a call of its own, since nothing else need ever happen to the object.
   */
  report(object: Involved, texts: readonly EventText[]): Promise<'told' | 'try again'>;
  /** The object is gone. */
  forget(uid: string): void;
}

/** Milliseconds for which something must not have held to be news again: what is looked at anew may be missed for a moment. */
const PAUSE = 10_000;

/** New Events of one object: as many at once, and then one in so many milliseconds, as client-go's recorder allows. */
const BURST = 25;
const REFILL = 300_000;

interface Known {
  holding: Set<string>;
  /** Said at some time, by this process, and when it was seen to hold last. */
  readonly past: Map<string, number>;
  /** Two groups may report about one object at once. */
  turn: Promise<unknown>;
  tokens: number;
  filledAt: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { client, component, instance, onWrite, log, clock } = options;
  const objects = new Map<string, Known>();

  async function say(object: Involved, text: EventText, name: string, isNews: boolean): Promise<void> {
    const { namespace } = object;
    const path = objectPath(RESOURCES.events, namespace, name);
    const now = client.serverTime();
    const stamp = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
    const before = await readObject(client, path);
    if (before !== undefined) {
      // From before a restart: said already. From before an interval in which it did not hold: said once more.
      if (!isNews) return;
      const count = typeof before['count'] === 'number' ? before['count'] + 1 : 2;
      onWrite('Event', 'patch');
      await client.request({
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { count, lastTimestamp: stamp },
      });
      return;
    }
    onWrite('Event', 'create');
    await client.request({
      method: 'POST',
      path: collectionPath(RESOURCES.events, namespace),
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: object,
        ...text,
        source: { component },
        reportingComponent: component,
        reportingInstance: instance,
        action: text.reason,
        count: 1,
        firstTimestamp: stamp,
        lastTimestamp: stamp,
        eventTime: microTime(now),
      },
    });
  }

  function take(known: Known): boolean {
    const now = clock.now();
    const grown = Math.floor((now - known.filledAt) / REFILL);
    known.tokens = Math.min(BURST, known.tokens + grown);
    known.filledAt += grown * REFILL;
    if (known.tokens === 0) return false;
    known.tokens--;
    return true;
  }

  async function tell(object: Involved, texts: readonly EventText[], state: Known): Promise<'told' | 'try again'> {
    let outcome: 'told' | 'try again' = 'told';
    const before = state.holding;
    const now = clock.now();
    for (const name of before) state.past.set(name, now);
    state.holding = new Set();
    for (const text of texts) {
      const name = eventName(object, text);
      const last = state.past.get(name);
      if (before.has(name) || (last !== undefined && now - last < PAUSE)) {
        state.holding.add(name);
        continue;
      }
      if (state.holding.has(name) || !take(state)) continue;
      try {
        await say(object, text, name, last !== undefined);
        state.holding.add(name);
        state.past.set(name, now);
      } catch (error) {
        // What was not said costs nothing: whoever asks again waits in between.
        state.tokens++;
        if (error instanceof KubeError && error.retryable) outcome = 'try again';
        const { namespace, name: of } = object;
        const status = error instanceof KubeError ? error.status : 0;
        log.warn({ err: error, status, object: `${namespace}/${of}`, reason: text.reason }, 'Event not written');
      }
    }
    if (state.past.size > PAST_LIMIT) state.past.clear();
    return outcome;
  }

  return {
    async report(object, texts) {
      const known = objects.get(object.uid);
      if (known === undefined && texts.length === 0) return 'told';
      const state = known ?? {
        holding: new Set(),
        past: new Map(),
        turn: Promise.resolve(),
        tokens: BURST,
        filledAt: clock.now(),
      };
      objects.set(object.uid, state);
      const told = state.turn.then(() => tell(object, texts, state));
      state.turn = told;
      return told;
    },
    forget: uid => void objects.delete(uid),
  };
}

/** An object whose findings change all day is nothing to remember for ever. */
const PAST_LIMIT = 200;

/** Room for the digest within the 253 characters of a name. */
const NAME_LENGTH = 253 - 17;

function eventName({ name, uid }: Involved, { reason, message }: EventText): string {
  const digest = createHash('sha256').update([uid, reason, message].join('\0')).digest('hex');
  return `${name.slice(0, NAME_LENGTH)}.${digest.slice(0, 16)}`;
}
