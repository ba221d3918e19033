/**
 * Whether a stream may carry colours: on a terminal that is not dumb, unless `NO_COLOR` is set to anything. `FORCE_COLOR`
 * decides over both, as in Node: empty, `true`, `1`, `2` or `3` is yes, everything else no.
 */
export function mayColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no = '', TERM: term } = env;
  if (force !== undefined) return ['', 'true', '1', '2', '3'].includes(force);
  return isTerminal && no === '' && term !== 'dumb';
}
