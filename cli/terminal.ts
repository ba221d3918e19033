import { mayColor } from './color.ts';

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
  const { env, stdout, stderr } = process;
  return {
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    input: readAll,
    color: { out: mayColor(env, stdout.isTTY), err: mayColor(env, stderr.isTTY) },
  };
}

async function readAll(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
