/** What a client sends to a host. */
export interface Request {
  readonly method: string;
  /** Path and query as sent; it begins with `/`, and all of it is printable ASCII without `#`. */
  readonly target: string;
  /** In the order in which they are sent, names as written. */
  readonly headers: readonly RequestHeader[];
}

export interface RequestHeader {
  readonly name: string;
  readonly value: string;
}

/** A request as the gateway compares it with its routes. */
export interface SeenRequest {
  readonly method: string;
  /** In normal form, without the query. */
  readonly path: string;
  /** With the `?` in front; empty = there is none. */
  readonly query: string;
  /** By name; of a parameter that is there several times the first value. Nothing is decoded. */
  readonly parameters: ReadonlyMap<string, string>;
  /** By name in lower case; several where each of them is compared by itself, none where only the gateway knows it. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}
