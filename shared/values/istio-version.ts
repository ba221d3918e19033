/** Whether the oldest Istio that must understand what is written, such as `1.26`, is 1.`minor` or newer. */
export function isSinceIstio(version: string, minor: number): boolean {
  const [major = 0, itsMinor = 0] = version.split('.').map(Number);
  return major > 1 || (major === 1 && itsMinor >= minor);
}
