import type { Severity } from '../finding.ts';

/** One kind of finding: what the docs say of it, and what it stops. */
export interface CatalogueRow {
  readonly code: `WM${string}`;
  /** One spelling for Event reasons, metrics, documentation and code. */
  readonly name: string;
  readonly severity: Severity;
  /**
   * What an error stops. `everything`: nothing is built from a Deployment whose own text is wrong. `named`: it is about
   * another object or a permission; only the host, path or route that it names is left out.
   */
  readonly stops?: 'everything' | 'named';
  readonly meaning: string;
  readonly bad: string;
  readonly good: string;
}
