/** Real time for the outside world (sockets on this machine) to do its part; far above what it takes. */
const PATIENCE = 10_000;

/** Resolves as soon as the condition holds; rejects with its description when that does not come. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise(resolve => setImmediate(resolve));
  }
}
