/** What the Mappings of one group write: percent, or nothing. At least one. */
export type Weights = readonly (number | undefined)[];

/**
 * How many of the first ones are a group by themselves: one alone has everything; several leave nothing, or somebody
 * without a weight to have it. Ambassador would send the rest to other routes, or nowhere.
 */
export function validCount(weights: Weights): number {
  let sum = 0;
  let weightless = 0;
  let count = 1;
  for (const [index, weight] of weights.entries()) {
    sum += weight ?? 0;
    if (weight === undefined) weightless++;
    if (sum === 100 || (sum < 100 && weightless > 0)) count = index + 1;
  }
  return count;
}

/** Of a valid group, in whole percents that add up to 100: those without a weight share what the others leave. */
export function percentsOf(weights: Weights): readonly number[] {
  if (weights.length === 1) return [100];
  let left = 100 - weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
  const last = weights.lastIndexOf(undefined);
  const share = rounded(left / weights.filter(weight => weight === undefined).length);
  return weights.map((weight, index) => {
    if (weight !== undefined) return weight;
    // Where all were rounded up, the last ones would have less than nothing.
    const percent = index === last ? left : Math.min(share, left);
    left -= percent;
    return percent;
  });
}

/**
 * The same while some take no requests: what these would have goes to those without a weight, else to the others by
 * theirs. Where nobody could have it, it stays as it is written.
 */
export function percentsAmong(weights: Weights, isUp: readonly boolean[]): readonly number[] {
  const up = weights.filter((_, index) => isUp[index]);
  const isOpen = up.includes(undefined);
  const sum = up.reduce<number>((total, weight) => total + (weight ?? 0), 0);
  if (up.length === weights.length || (!isOpen && sum === 0)) return percentsOf(weights);
  const percents = isOpen ? [...percentsOf(up)] : [...wholePercents(up.map(weight => weight ?? 0))];
  return weights.map((_, index) => (isUp[index] ? (percents.shift() ?? 0) : 0));
}

/**
 * Shares of any sum as whole percents, by largest remainders: a percent more goes to those that lose most by rounding
 * down, the first of them first. `shares`: whole numbers, not all 0.
 */
export function wholePercents(shares: readonly number[]): readonly number[] {
  const sum = shares.reduce((total, share) => total + share, 0);
  const whole = shares.map(share => Math.floor((share * 100) / sum));
  const byRemainder = shares.map((share, index) => ({ index, rest: (share * 100) % sum }));
  const left = 100 - whole.reduce((total, percent) => total + percent, 0);
  for (const { index } of byRemainder.sort((a, b) => b.rest - a.rest || a.index - b.index).slice(0, left)) {
    whole[index] = (whole[index] ?? 0) + 1;
  }
  return whole;
}

/** A half to the even neighbour, as Python does and so Ambassador. */
function rounded(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
