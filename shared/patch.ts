/** One operation of a JSON Patch (RFC 6902), as the mutating hook writes it. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };
