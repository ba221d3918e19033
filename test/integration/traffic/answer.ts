/** What became of one request. */
export interface Answer {
  /** When it was sent: milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  /** Of HTTP; 0 = there was no answer. */
  readonly status: number;
  /** Who answered; empty when no Pod did. */
  readonly pod: string;
  /** What is known of a failure. */
  readonly error?: string;
}

export type Command =
  | {
      readonly do: 'start';
      readonly stream: string;
      readonly host: string;
      readonly path: string;
      /** Requests a second. */
      readonly rate: number;
    }
  | { readonly do: 'stop'; readonly stream: string };

export interface Report {
  readonly stream: string;
  readonly answers: readonly Answer[];
}
