import { clipped } from '../fields/field.ts';
import type { Mapping } from '../intent.ts';
import type { Scene } from './scene.ts';

/** Says of the Mappings of a text what is read as it is written, and seldom meant so. */
export function checkMappings(mappings: readonly Mapping[], scene: Scene): void {
  for (const mapping of mappings) {
    checkGlob(mapping, scene);
    checkSiblings(mapping, mappings, scene);
  }
}

function checkGlob({ match: { path }, prefixAt }: Mapping, { report }: Scene): void {
  const at = path.kind === 'regex' ? /\/\*(?:\/|$)/.exec(path.value) : null;
  if (at === null) return;
  report({
    name: 'PatternLooksLikeGlob',
    at: prefixAt,
    path: 'prefix',
    must: "must have '.*' for any text: '/*' is any number of slashes",
    fix: `write '${clipped(path.value.replaceAll(/\/\*(?=\/|$)/g, '/.*'))}'`,
  });
}

/** `/man` takes `/mankind`, and `/mankind/x` as well where the other Mapping leaves it. */
function checkSiblings(mapping: Mapping, mappings: readonly Mapping[], { report }: Scene): void {
  const { path } = mapping.match;
  if (path.kind !== 'prefix' || path.value.endsWith('/')) return;
  const sibling = mappings.find(other => isSibling(path.value, other) && isOnSameHosts(mapping, other));
  if (sibling === undefined) return;
  report({
    name: 'PrefixTakesSiblings',
    at: mapping.prefixAt,
    path: 'prefix',
    must: "must end with '/' unless it is meant letter by letter",
    found: `but takes paths such as '${clipped(sibling.match.path.value)}' of Mapping '${clipped(sibling.name)}' too`,
    fix: `write \`prefix: ${clipped(path.value)}/\``,
    related: [{ at: sibling.prefixAt, message: 'the other Mapping' }],
  });
}

function isSibling(prefix: string, { match: { path } }: Mapping): boolean {
  const next = path.kind !== 'regex' && path.value.startsWith(prefix) ? path.value.charAt(prefix.length) : '';
  return /[A-Za-z0-9]/.test(next);
}

function isOnSameHosts(a: Mapping, b: Mapping): boolean {
  const hostsOf = ({ hosts = [] }: Mapping) => hosts.map(({ value }) => value).join();
  return hostsOf(a) === hostsOf(b);
}
