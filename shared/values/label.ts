import { isDnsName } from './dns.ts';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** As Kubernetes takes it: a name of at most 63 characters, perhaps with a DNS name and a slash in front. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  return NAME.test(text.slice(slash + 1)) && (slash === -1 || isDnsName(text.slice(0, slash)));
}

/** At most 63 characters; may be empty. */
export function isLabelValue(text: string): boolean {
  return text === '' || NAME.test(text);
}
