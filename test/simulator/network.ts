import { KubeError, errorOfAnswer } from '../../kube/kube-error.ts';
import { createServerTime } from '../../kube/server-time.ts';
import type { KubeClient, RequestOptions } from '../../kube/types.ts';
import type { ApiAnswer } from './api-server/answers.ts';
import type { ApiRequest, ApiServer } from './api-server/server.ts';
import type { Watch, WatchEvent } from './api-server/watch.ts';
import type { Dice } from './random.ts';
import type { ProcessClock, VirtualTime } from './virtual-time.ts';

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'passes' }
  /** Nothing takes it. */
  | { readonly kind: 'unreachable' }
  /** Nobody ever hears of it, and the sender waits. */
  | { readonly kind: 'lost' }
  /** It is done, and the sender never hears of it: the connection breaks, or nothing comes. */
  | { readonly kind: 'unanswered'; readonly breaks: boolean }
  | { readonly kind: 'refused'; readonly answer: ApiAnswer }
  /** It arrives when its sender has long given up. */
  | { readonly kind: 'late'; readonly by: number };

/** What lies between one process and the API server. */
export interface Line {
  fate(request: Pick<ApiRequest, 'method' | 'path'>): Fate;
  /** Milliseconds for one way. */
  latency(): number;
  /** Milliseconds from a change to its arrival in a watch. */
  lag(): number;
  /** Whether what this process has sent, and still travels, arrives. */
  isCut(): boolean;
}

export interface NetworkOptions {
  readonly server: ApiServer;
  readonly time: VirtualTime;
  readonly clock: ProcessClock;
  readonly line: Line;
  readonly dice: Dice;
  readonly userAgent: string;
  /** Milliseconds since the epoch, true. */
  readonly date: () => number;
  /** Milliseconds since the epoch as the clock of this machine says. */
  readonly wallTime: () => number;
  /** Called around everything that the process does to the server. */
  readonly during: <T>(request: ApiRequest, act: () => T) => T;
}

/** A client whose requests and watches travel for a while, and may not arrive. */
export interface NetworkClient extends KubeClient {
  /** What becomes of all watches that are open: an error, an end, or silence. */
  disturb(how: 'break' | 'end' | 'stall'): void;
}

/** Of the API server's bookmarks; the real one sends them about once a minute. */
const BOOKMARKS = { low: 50_000, high: 70_000 };

export function createNetworkClient(options: NetworkOptions): NetworkClient {
  const { server, time, clock, line, dice, userAgent, date, wallTime, during } = options;
  const serverTime = createServerTime(clock, wallTime);
  const streams = new Set<Stream>();

  function arrive(request: ApiRequest): ApiAnswer {
    return during(request, () => server.handle(request));
  }

  /** Calls back with the answer, or with what kept it away; maybe never. */
  function send(request: ApiRequest, done: (answer: ApiAnswer | KubeError) => void): void {
    const what = `${request.method} ${request.path}`;
    const fate = line.fate(request);
    const broken = () => new KubeError({ code: 'unreachable', message: `${what}: the connection broke` });
    if (fate.kind === 'lost') return;
    if (fate.kind === 'unreachable') {
      clock.after(line.latency(), () => done(broken()));
      return;
    }
    const way = line.latency() + (fate.kind === 'late' ? fate.by : 0);
    time.after(way, () => {
      if (line.isCut()) return;
      const answer = fate.kind === 'refused' ? fate.answer : arrive(request);
      if (fate.kind === 'unanswered' && !fate.breaks) return;
      const back = line.latency();
      clock.after(back, () => done(fate.kind === 'unanswered' ? broken() : answer));
    });
  }

  function request(given: RequestOptions): Promise<unknown> {
    const { method = 'GET', path, body, contentType, timeout = 10_000, signal } = given;
    const what = `${method} ${path}`;
    return new Promise((resolve, reject) => {
      const sentAt = clock.now();
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        cancelTimeout();
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => end(() => reject(new KubeError({ code: 'aborted', message: `${what}: aborted` })));
      const cancelTimeout = clock.after(timeout, () =>
        end(() => reject(new KubeError({ code: 'timeout', message: `${what}: no answer within ${timeout} ms` }))),
      );
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) {
        abort();
        return;
      }
      send({ method, path, body, contentType, userAgent }, answer =>
        end(() => {
          if (answer instanceof KubeError) {
            reject(answer);
            return;
          }
          serverTime.observe(new Date(date()).toUTCString(), sentAt, clock.now());
          if (answer.status < 300) resolve(answer.body);
          else reject(errorOfAnswer(what, answer.status, textOf(answer.body), answer.retryAfter?.toString()));
        }),
      );
    });
  }

  async function stream(path: string, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const what = `GET ${path}`;
    // The way there can fail as that of any request; what is answered is the beginning of the stream.
    await new Promise<void>((resolve, reject) => {
      const fate = line.fate({ method: 'GET', path });
      const fail = () => reject(new KubeError({ code: 'unreachable', message: `${what}: the connection broke` }));
      signal.addEventListener('abort', fail, { once: true });
      const delay = fate.kind === 'lost' || fate.kind === 'late' ? 30_000 : 2 * line.latency();
      clock.after(delay, () => {
        signal.removeEventListener('abort', fail);
        if (fate.kind === 'passes') resolve();
        else if (fate.kind === 'refused') {
          reject(errorOfAnswer(what, fate.answer.status, textOf(fate.answer.body), fate.answer.retryAfter?.toString()));
        } else fail();
      });
    });
    if (signal.aborted) throw new KubeError({ code: 'aborted', message: `${what}: aborted` });
    const opened = openStream({ path, signal, server, time, clock, line, dice });
    if ('status' in opened) throw errorOfAnswer(what, opened.status, textOf(opened.body));
    streams.add(opened);
    opened.onClose(() => streams.delete(opened));
    return opened.lines;
  }

  return {
    request,
    stream,
    serverTime: () => serverTime.now(),
    close: () => Promise.resolve(),
    disturb(how) {
      for (const one of [...streams]) {
        if (how === 'stall') one.stall();
        else if (how === 'end') one.end();
        else one.fail(new KubeError({ code: 'unreachable', message: 'watch: the connection broke' }));
      }
    },
  };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

interface Stream {
  readonly lines: AsyncIterable<string>;
  fail(error: KubeError): void;
  end(): void;
  /** Nothing comes any more, and it does not end. */
  stall(): void;
  onClose(call: () => void): void;
}

type StreamOptions = Pick<NetworkOptions, 'server' | 'time' | 'clock' | 'line' | 'dice'> & {
  readonly path: string;
  readonly signal: AbortSignal;
};

function openStream({ path, signal, server, time, clock, line, dice }: StreamOptions): Stream | ApiAnswer {
  const queue: string[] = [];
  const onClose: (() => void)[] = [];
  let ended: { readonly error?: KubeError } | undefined;
  let isStalled = false;
  let wake: (() => void) | undefined;
  let arrivedAt = 0;

  const opened = server.watch(path, event => deliver(event));
  if ('status' in opened) return opened;
  const watch: Watch = opened;

  /** In order, whatever each of them takes. */
  function deliver(event: WatchEvent): void {
    if (isStalled || ended !== undefined) return;
    const text = eventText(event);
    arrivedAt = Math.max(arrivedAt, time.now() + line.lag());
    clock.after(arrivedAt - time.now(), () => {
      if (isStalled || ended !== undefined) return;
      queue.push(text);
      if (event.type === 'ERROR') finish({});
      wake?.();
    });
  }

  function finish(end: { readonly error?: KubeError }): void {
    if (ended !== undefined) return;
    ended = end;
    watch.close();
    cancelLimit();
    cancelBookmark();
    for (const call of onClose) call();
    wake?.();
  }

  const seconds = Number(new URLSearchParams(path.split('?')[1]).get('timeoutSeconds') ?? '300');
  const cancelLimit = time.after(seconds * 1000, () => {
    if (!isStalled) clock.after(line.latency(), () => finish({}));
  });
  let cancelBookmark: () => void = () => undefined;
  function bookmarkLater(): void {
    cancelBookmark = time.after(dice.delay(BOOKMARKS.low, BOOKMARKS.high), () => {
      deliver(watch.bookmark());
      bookmarkLater();
    });
  }
  bookmarkLater();
  for (const event of watch.past) deliver(event);
  signal.addEventListener(
    'abort',
    () => finish({ error: new KubeError({ code: 'aborted', message: `GET ${path}: aborted` }) }),
    { once: true },
  );

  async function next(): Promise<IteratorResult<string>> {
    for (;;) {
      const text = queue.shift();
      if (text !== undefined) return { done: false, value: text };
      if (ended?.error !== undefined) throw ended.error;
      if (ended !== undefined) return { done: true, value: undefined };
      await new Promise<void>(resolve => (wake = resolve));
    }
  }

  return {
    lines: {
      [Symbol.asyncIterator]: () => ({
        next,
        return() {
          finish({});
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    },
    fail: error => finish({ error }),
    end: () => finish({}),
    stall() {
      isStalled = true;
      watch.close();
    },
    onClose: call => void onClose.push(call),
  };
}

/** Objects that are stored never change, so that their text does not either. */
const texts = new WeakMap<object, string>();

function eventText({ type, object }: WatchEvent): string {
  const key = object as object;
  let text = texts.get(key);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(key, text);
  }
  return `{"type":"${type}","object":${text}}`;
}
