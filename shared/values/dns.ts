const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123: at most 63 lower-case letters, digits and dashes, no dash at either end. */
export function isDnsLabel(text: string): boolean {
  return LABEL.test(text);
}

/** RFC 1035, what Kubernetes asks of a Service's name: a DNS label that begins with a letter. */
export function isServiceName(text: string): boolean {
  return LABEL.test(text) && /^[a-z]/.test(text);
}

/** At most 253 characters of labels with dots between; the last one is no number, which would look like an IP address. */
export function isDnsName(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.split('.');
  return labels.every(isDnsLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** Whether `host` is `suffix` or lies under it. */
export function isUnder(host: string, suffix: string): boolean {
  return host === suffix || host.endsWith(`.${suffix}`);
}
