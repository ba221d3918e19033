/** Ends a command with exit code 2: wrong usage, unreadable input, an unreachable cluster. One clear line or several. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
