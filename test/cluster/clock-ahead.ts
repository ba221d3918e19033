/**
 * Preloaded (`node --import`) into a program whose clock is to be wrong: what it takes for the time is `CLOCK_AHEAD`
 * milliseconds ahead (negative: behind). Without the variable nothing is changed. How time passes stays as it is.
 */
const ahead = Number(process.env['CLOCK_AHEAD'] ?? 0);

if (ahead !== 0) {
  const RealDate = Date;
  const now = () => RealDate.now() + ahead;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
  });
}
