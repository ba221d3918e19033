/** The caches are behind what the API server says: the next turn, a moment later, will see it. */
export class CacheBehind extends Error {
  constructor(what: string) {
    super(`the cache is behind: ${what}`);
    this.name = 'CacheBehind';
  }
}
