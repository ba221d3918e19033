import type { Answer } from './answer.ts';

/** Name of the Deployment that answered; the ReplicaSet's and the Pod's own part come last. */
export function answerer({ pod }: Answer): string {
  return pod.split('-').slice(0, -2).join('-');
}

/** A line for each request that was not answered well: how long after the first request it was sent, and what came. */
export function failures(answers: readonly Answer[]): readonly string[] {
  const [first] = answers;
  return answers
    .filter(({ status }) => status !== 200)
    .map(({ at, status, error = '' }) => `+${Math.round(at - (first?.at ?? 0))} ms: ${status} ${error}`.trim());
}

export interface Period {
  /** Milliseconds since the epoch; what was sent in between counts. */
  readonly from?: number;
  readonly to?: number;
}

export function within(answers: readonly Answer[], { from = -Infinity, to = Infinity }: Period): readonly Answer[] {
  return answers.filter(({ at }) => at >= from && at < to);
}

/** Who answered, sorted. */
export function answerers(answers: readonly Answer[]): readonly string[] {
  return [...new Set(answers.filter(({ status }) => status === 200).map(answerer))].sort();
}

/** Who answered in turn, each change told once: `['a-1', 'a-2']` is a move that nobody came back from. */
export function succession(answers: readonly Answer[]): readonly string[] {
  const order = answers.filter(({ status }) => status === 200).map(answerer);
  return order.filter((name, index) => name !== order[index - 1]);
}

export function countOf(answers: readonly Answer[], deployment: string): number {
  return answers.filter(answer => answerer(answer) === deployment).length;
}

/** By how many standard deviations a count differs from what a share (0 to 1) of so many draws would be. */
export function deviation(count: number, total: number, share: number): number {
  const sigma = Math.sqrt(total * share * (1 - share));
  return sigma === 0 ? (count === total * share ? 0 : Infinity) : Math.abs(count - total * share) / sigma;
}

/** Milliseconds from the first failed request to the last, so long as something failed; 0 when nothing did. */
export function outage(answers: readonly Answer[]): number {
  const failed = answers.filter(({ status }) => status !== 200).map(({ at }) => at);
  return failed.length === 0 ? 0 : Math.max(...failed) - Math.min(...failed);
}

/** When somebody answered first or last; `undefined` = never. */
export function firstAnswer(answers: readonly Answer[], deployment: string): number | undefined {
  return answers.find(answer => answerer(answer) === deployment)?.at;
}

export function lastAnswer(answers: readonly Answer[], deployment: string): number | undefined {
  return answers.findLast(answer => answerer(answer) === deployment)?.at;
}
