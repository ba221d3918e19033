/** Longer names have no near one; this bounds the work on hostile input. */
const MAX_LENGTH = 64;
const MAX_MARKS = 4;

/**
 * The candidate that is most likely meant, or undefined if none is near. Capitals, dashes and underscores do not count:
 * `model_path` is `modelPath`. Otherwise at most one change for every three letters, a swap of neighbours
 * being one; what is broken off is nearest.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const wanted = plain(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    // Half a name and the marks that do not count; this spares most of the work.
    const difference = candidate.length - name.length;
    if (-difference > least + MAX_MARKS || (difference > name.length && difference > least + MAX_MARKS)) continue;
    const distance = begins(plain(candidate), wanted) ? 0.5 : editDistance(wanted, plain(candidate), least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** The greater half of a name, broken off. */
function begins(candidate: string, wanted: string): boolean {
  return candidate !== wanted && wanted.length * 2 > candidate.length && candidate.startsWith(wanted);
}

function plain(name: string): string {
  return /^[a-z]*$/.test(name) ? name : name.toLowerCase().replace(/[-_]/g, '');
}

/** Rows of the table below, kept: thousands of unknown names in one text must not cost a fraction of a second. */
const rows = [0, 1, 2].map(() => new Uint8Array(MAX_LENGTH + 1));

/** Optimal string alignment distance of texts of at most 64 units; gives up with `limit` as soon as it is not less. */
export function editDistance(a: string, b: string, limit: number): number {
  const difference = a.length - b.length;
  if (difference >= limit || -difference >= limit || a.length > MAX_LENGTH || b.length > MAX_LENGTH) return limit;
  let [before, row, next] = rows as [Uint8Array, Uint8Array, Uint8Array];
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const unit = a.charCodeAt(i - 1);
    let least = (next[0] = i);
    for (let j = 1; j <= b.length; j++) {
      const same = unit === b.charCodeAt(j - 1);
      let cell = (row[j - 1] ?? 0) + (same ? 0 : 1);
      const cut = (row[j] ?? 0) + 1;
      const put = (next[j - 1] ?? 0) + 1;
      if (cut < cell) cell = cut;
      if (put < cell) cell = put;
      if (i > 1 && j > 1 && unit === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) {
        const swapped = (before[j - 2] ?? 0) + 1;
        if (swapped < cell) cell = swapped;
      }
      next[j] = cell;
      if (cell < least) least = cell;
    }
    if (least >= limit) return limit;
    [before, row, next] = [row, next, before];
  }
  const distance = row[b.length] ?? limit;
  return distance < limit ? distance : limit;
}
