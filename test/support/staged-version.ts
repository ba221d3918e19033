/** A version of a model as a story needs it. */
export interface VersionWords {
  readonly namespace?: string;
  readonly model?: string;
  readonly hosts?: readonly string[];
  readonly replicas?: number;
  /** More lines of the InferenceService. */
  readonly lines?: readonly string[];
  /** More documents. */
  readonly mappings?: readonly string[];
}

export function without(map: Readonly<Record<string, string>> = {}, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([one]) => one !== key));
}
