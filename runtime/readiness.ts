/**
 * What must hold before a program may be sent work. Ready is when every condition is met; liveness is another matter
 * and asks for nothing but a turning event loop.
 */
export interface Readiness<Condition extends string> {
  /** Not ready → what is still missing, in the order of declaration. */
  missing(): readonly Condition[];
  set(condition: Condition, met: boolean): void;
}

/** `onReady` is called once, when the last condition is met for the first time. All conditions start unmet. */
export function createReadiness<Condition extends string>(
  conditions: readonly Condition[],
  onReady: () => void,
): Readiness<Condition> {
  const unmet = new Set(conditions);
  let announced = false;

  return {
    missing: () => conditions.filter(condition => unmet.has(condition)),
    set(condition, met) {
      if (met) unmet.delete(condition);
      else unmet.add(condition);
      if (announced || unmet.size > 0) return;
      announced = true;
      onReady();
    },
  };
}
