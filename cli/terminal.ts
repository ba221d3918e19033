/** What a command may touch of the process it runs in. Results go to `out`, everything else to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** All of the standard input. */
  input(): Promise<Uint8Array>;
  /** Whether `out` and `err` may carry colours. */
  readonly color: { readonly out: boolean; readonly err: boolean };
}

export function processTerminal(): Terminal {
  const mayColor = process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '';
  return {
    out: text => void process.stdout.write(text),
    err: text => void process.stderr.write(text),
    input: readAll,
    color: { out: mayColor && process.stdout.isTTY, err: mayColor && process.stderr.isTTY },
  };
}

async function readAll(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
