/** admission.k8s.io/v1, as far as it is read and written here. https://pkg.go.dev/k8s.io/api/admission/v1 */

export const REVIEW_API_VERSION = 'admission.k8s.io/v1';
export const REVIEW_KIND = 'AdmissionReview';

export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What the API server asks. `object` and `oldObject` are whatever it holds, not yet looked at. */
export interface ReviewRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** For example `status`, `scale`; empty for the object itself. */
  readonly subResource: string;
  /** Empty where the API server has not made up the name yet (`generateName`). */
  readonly name: string;
  readonly namespace: string;
  readonly operation: Operation;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** What is answered. The API server refuses an answer whose uid is another, or that has a patch without its type. */
export interface ReviewResponse {
  readonly uid: string;
  readonly allowed: boolean;
  /** Why it is not allowed. The field is `status`; what is put anywhere else never reaches the user. */
  readonly status?: {
    readonly code: number;
    readonly reason: 'Forbidden' | 'BadRequest' | 'InternalError';
    readonly message: string;
  };
  readonly patchType?: 'JSONPatch';
  /** JSON Patch, base64. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}
