import { setTimeout as delay } from 'node:timers/promises';

const STEP_MS = 20;

export interface WaitOptions {
  /** Milliseconds; default 30 000. */
  readonly timeout?: number;
  /** Called before every look: throws when waiting has become pointless. */
  readonly givesUp?: () => void;
}

/**
 * Looks again and again until `look` gives something else than undefined or false, and resolves with that.
 * A look that throws counts as "not yet"; its message is in the error that ends the waiting.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { timeout = 30_000, givesUp }: WaitOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    givesUp?.();
    const { seen, because } = await lookOnce(look);
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeout / 1000} s${because}`);
    await delay(STEP_MS);
  }
}

async function lookOnce<T>(look: () => Promise<T> | T): Promise<{ seen?: T; because: string }> {
  try {
    return { seen: await look(), because: '' };
  } catch (error) {
    return { because: `: ${error instanceof Error ? error.message : String(error)}` };
  }
}
