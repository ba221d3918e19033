import type { Dictionary } from './dictionary.ts';
import type { Random } from './random.ts';

/**
 * One way into the program. Inputs are texts; where bytes are meant, U+DC80 to U+DCFF stand for bytes that are no
 * UTF-8.
 */
export interface Target {
  readonly name: string;
  /** Its part of all inputs; those of all targets together are 1. */
  readonly share: number;
  /** Milliseconds that an input may take; 1000 if absent. */
  readonly limit?: number;
  /** Inputs to begin with. */
  readonly seeds: () => readonly string[];
  readonly mutate: (input: string, random: Random, words: Dictionary, other: () => string) => string;
  /** Hands one input over, and looks at what comes back. Throws when a promise is broken. */
  readonly run: (input: string) => void | Promise<void>;
  readonly close?: () => Promise<void>;
}

/** A promise of the program that an input has broken. */
export class BrokenPromise extends Error {
  constructor(promise: string, shown?: unknown) {
    super(shown === undefined ? promise : `${promise}: ${typeof shown === 'string' ? shown : JSON.stringify(shown)}`);
    this.name = 'BrokenPromise';
  }
}

export function must(holds: boolean, promise: string, shown?: unknown): void {
  if (!holds) throw new BrokenPromise(promise, shown);
}

export function bytesOf(input: string): Buffer {
  if (!/[\udc80-\udcff]/.test(input)) return Buffer.from(input);
  const parts = input.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) & 0xff))),
  );
}

// Inside a test runner's context every look at a global costs a microsecond.
const { imul } = Math;

/** The same for the same text, and spread evenly: what an input decides by the way. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
