/** Seconds with a fraction: the form that every reader of protobuf's JSON takes. */
export function durationText(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
