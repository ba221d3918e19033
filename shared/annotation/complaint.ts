import type { FindingName } from '../findings/catalogue.ts';
import { fieldSite, finding, siteInAnnotation } from '../findings/finding.ts';
import type { Finding, ObjectRef, Related, Site } from '../findings/finding.ts';
import type { Range } from '../source.ts';

/** What is said about a text by code that knows neither the object nor the annotation that the text is in. */
export interface Complaint {
  readonly name: FindingName;
  /** A range of the text, or a field of the object. */
  readonly at: Range | readonly (string | number)[];
  readonly path?: string;
  readonly must: string;
  readonly found?: string;
  readonly fix: string;
  readonly related?: readonly { readonly at: Range | readonly (string | number)[]; readonly message: string }[];
}

export type Report = (complaint: Complaint) => void;

/** Where a text stands: in this annotation (or file) of this object. */
export interface Origin {
  readonly object: ObjectRef;
  readonly key: string;
  readonly text: string;
}

export function toFinding({ name, at, related = [], ...details }: Complaint, origin: Origin): Finding {
  return finding(name, {
    ...details,
    object: origin.object,
    site: toSite(at, origin),
    related: related.map(({ at: other, message }): Related => ({
      object: origin.object,
      site: toSite(other, origin),
      message,
    })),
  });
}

function toSite(at: Complaint['at'], { key, text }: Origin): Site {
  return 'start' in at ? siteInAnnotation(key, text, at) : fieldSite(...at);
}
