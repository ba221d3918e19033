import { QUIET_APPS, QUIET_FOR } from './takeover-measures.ts';
import type { Crash, Quiet, Takeover } from './takeover-measures.ts';

export interface Figures {
  readonly takeovers: readonly Takeover[];
  /** Milliseconds. */
  readonly back: readonly number[];
  readonly killed: readonly number[];
  readonly crash: Crash;
  readonly quiet: Quiet;
}

interface Row {
  readonly what: string;
  readonly argo: string;
  readonly flagger: string;
  readonly wanted: string;
  readonly ours: string;
}

/** The peers' figures are those of Argo Rollouts 1.10.1 and Flagger 1.36.1 on a stack of the same kind. */
export function rowsOf({ takeovers, back, killed, crash, quiet }: Figures): readonly Row[] {
  const of = (field: keyof Takeover) => takeovers.map(takeover => takeover[field]);
  return [
    {
      what: 'old → new, from the apply',
      argo: '0.8 s',
      flagger: '17.5 s',
      wanted: 'ready + bake + ≤ 0.5 s',
      ours: `${seconds(median(of('toNew')))}: ready + bake + ${seconds(median(of('late')))}`,
    },
    {
      what: 'back to the old one, still up',
      argo: '0.2 s',
      flagger: '15 s',
      wanted: '≤ 0.3 s',
      ours: seconds(median(back)),
    },
    {
      what: 'old answers after "done"',
      argo: '4 to 15',
      flagger: '250',
      wanted: '0',
      ours: String(Math.max(...of('oldAfterDone'))),
    },
    {
      what: 'failed requests of a takeover',
      argo: '',
      flagger: '',
      wanted: '0',
      ours: String(Math.max(...of('failed'))),
    },
    {
      what: 'crashes with the traffic, 40 s',
      argo: 'flaps for ever, 45 lost',
      flagger: '1230 lost, then promoted',
      wanted: 'one move back, ≤ 0.5 s',
      ours: `${crash.moves} move back after ${seconds(crash.handBack)}, ${crash.failed} lost`,
    },
    {
      what: 'SIGKILL in the middle',
      argo: '13 s late',
      flagger: '5 s late',
      wanted: '≤ 3 s',
      ours: `${seconds(median(killed))} late`,
    },
    {
      what: `quiet, ${QUIET_APPS} apps, ${QUIET_FOR / 1000} s`,
      argo: '0 reads',
      flagger: '7277 reads',
      wanted: '0 reads, 0 writes',
      ours: `${quiet.reads} reads, ${quiet.writes} writes`,
    },
    {
      what: 'API writes of a takeover',
      argo: '15',
      flagger: '9',
      wanted: '≤ 8',
      ours: String(median(of('writes'))),
    },
  ];
}

export function tableOf(rows: readonly Row[]): string {
  const head: Row = { what: '', argo: 'Argo', flagger: 'Flagger', wanted: 'wanted', ours: 'Waymark' };
  const columns = ['what', 'argo', 'flagger', 'wanted', 'ours'] as const;
  const all = [head, ...rows];
  const widths = columns.map(column => Math.max(...all.map(row => row[column].length)));
  return all
    .map(row =>
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
