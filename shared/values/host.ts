import { isDnsName } from './dns.ts';

export type HostReading =
  | { readonly host: string; readonly folded: boolean }
  | { readonly wildcard: true }
  | { readonly must: string; readonly fix: string };

/** Reads a host as users write it: lower case without a trailing dot, or why it is none. */
export function readHost(text: string): HostReading {
  if (text.includes('*')) return { wildcard: true };
  const host = text.toLowerCase().replace(/\.$/, '');
  if (isDnsName(host) && host.includes('.')) return { host, folded: host !== text };
  const bare = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([a-z0-9.-]+?)\.?(?::\d*)?(?:\/.*)?$/.exec(text.toLowerCase())?.[1] ?? '';
  const usable = bare !== text && isDnsName(bare) && bare.includes('.');
  return { must: rule(text, host), fix: usable ? `write '${bare}'` : "write a name such as 'resnet.example.com'" };
}

function rule(text: string, host: string): string {
  if (text.includes('://') || text.includes('/')) return 'must be a host without scheme and path';
  if (/^\d+(?:\.\d+)*$/.test(host) || /^\[?[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*\]?$/.test(host)) {
    return 'must be a DNS name, not an IP address';
  }
  if (text.includes(':')) return 'must be a host without port';
  if (isDnsName(host)) return 'must have at least two labels with a dot between';
  if (host.length > 253) return 'must have at most 253 characters';
  if (/[^\0-\x7f]/.test(host)) return "must be written in ASCII, other letters as punycode ('xn--…')";
  return 'must be a DNS name: labels of at most 63 letters, digits and dashes, with dots between';
}
