import { serverError, tooManyRequests } from './api-server/answers.ts';
import type { Fate, Line } from './network.ts';
import type { Dice } from './random.ts';
import type { Fault } from './schedule.ts';

/** What is wrong at present. */
export interface Weather {
  begin(fault: Fault): void;
  end(fault: Fault): void;
  /** What lies between a process and the API server. */
  line(process: number, isCut: () => boolean): Line;
  isServerAway(): boolean;
}

/** Milliseconds on a quiet day. */
const LATENCY = { low: 0.2, high: 12 };
const LAG = { low: 0.5, high: 150 };

type Of<Name extends Fault['fault']> = Extract<Fault, { fault: Name }>;

export function createWeather(dice: Dice): Weather {
  const present = new Set<Fault>();

  function find<Name extends Fault['fault']>(
    name: Name,
    holds: (fault: Of<Name>) => boolean = () => true,
  ): Of<Name> | undefined {
    for (const fault of present) if (fault.fault === name && holds(fault as Of<Name>)) return fault as Of<Name>;
    return undefined;
  }

  function fate(process: number): Fate {
    const outage = find('outage') ?? find('partition', one => one.process === process);
    if (outage !== undefined) {
      return outage.fault === 'outage' && !outage.hangs ? { kind: 'unreachable' } : { kind: 'lost' };
    }
    const refusals = find('refusals');
    if (refusals !== undefined && dice.once(refusals.once)) {
      const { code } = refusals;
      return { kind: 'refused', answer: code === 429 ? tooManyRequests(1 + dice.below(3)) : serverError(code) };
    }
    const unanswered = find('unanswered');
    if (unanswered !== undefined && dice.once(unanswered.once)) return { kind: 'unanswered', breaks: dice.once(2) };
    const late = find('late');
    if (late !== undefined && dice.once(late.once)) return { kind: 'late', by: late.by };
    return { kind: 'passes' };
  }

  return {
    begin: fault => void present.add(fault),
    end: fault => void present.delete(fault),
    isServerAway: () => find('outage') !== undefined,
    line: (process, isCut) => ({
      fate: () => fate(process),
      latency: () => dice.delay(LATENCY.low, LATENCY.high) * (find('slow')?.factor ?? 1),
      lag: () => dice.delay(LAG.low, LAG.high) + (find('lag')?.by ?? 0),
      isCut: () =>
        isCut() || find('partition', one => one.process === process) !== undefined || find('outage') !== undefined,
    }),
  };
}
