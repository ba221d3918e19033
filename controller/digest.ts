import { createHash } from 'node:crypto';

/** A short text that differs for all that are not written alike. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
}
