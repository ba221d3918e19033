import { main } from '../../cli/main.ts';

/** What one run of the program did. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `waymark` in this process, without a terminal. */
export async function waymark(args: readonly string[], input = ''): Promise<Outcome> {
  let out = '';
  let err = '';
  const status = await main(args, {
    out: text => (out += text),
    err: text => (err += text),
    input: () => Promise.resolve(new TextEncoder().encode(input)),
    color: { out: false, err: false },
  });
  return { status, out, err };
}

/** A finding as `lint --format json` prints it. */
export interface JsonFinding {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  readonly related?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
}

/** What `lint --policy --format json` prints. */
export interface JsonSurvey {
  readonly deployments: number;
  readonly denied: number;
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly policy: string;
    readonly deployments: number;
    readonly warnings: readonly string[];
    readonly denied: readonly { readonly name: string; readonly findings: readonly JsonDenial[] }[];
  }[];
}

export interface JsonDenial extends Pick<JsonFinding, 'code' | 'file' | 'line'> {
  readonly site: string;
}

/** Lints the standard input. */
export async function lintJson(input: string): Promise<readonly JsonFinding[]> {
  const { status, out, err } = await waymark(['lint', '-f', '-', '--format', 'json'], input);
  if (status === 2) throw new Error(err);
  return JSON.parse(out) as readonly JsonFinding[];
}
