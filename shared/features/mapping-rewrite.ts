import type { MappingDocument } from '../documents.ts';
import { clipped } from '../fields/field.ts';
import type { RequestMatch } from '../request-match.ts';
import { isRedirect } from './mapping-redirect.ts';
import type { Scene } from './scene.ts';

/** Says what becomes of paths where the default, or what is written, seldom does what was meant. */
export function checkRewrite({ values, at }: MappingDocument, { path }: RequestMatch, scene: Scene): void {
  const { rewrite, regex_rewrite: regex } = values;
  if (isRedirect(values) || regex !== undefined) return;
  const start = { start: at.start, end: at.start };
  if (path.kind !== 'prefix') {
    if (rewrite !== undefined || path.value === '/') return;
    scene.report({
      name: 'RewriteOfAll',
      at: values.prefix?.at ?? start,
      path: 'rewrite',
      must: `must be given beside \`prefix_${path.kind}\` unless the whole path is to become '/'`,
      fix: "write `rewrite: ''` to leave the path as it is, or `rewrite: /` if that is meant",
    });
    return;
  }
  const value = rewrite?.value ?? '/';
  if (!value.endsWith('/') || path.value.endsWith('/')) return;
  scene.report({
    name: 'RewriteSlashes',
    at: rewrite?.at ?? values.prefix?.at ?? start,
    path: 'rewrite',
    must: "must not end with '/' where `prefix` does not: these letters are replaced and no more",
    found: `but ${clipped(`${path.value}/x`)} becomes ${clipped(`${value}/x`)}`,
    fix: `write \`prefix: ${clipped(path.value)}/\`, or \`rewrite: ''\` to leave the path as it is`,
  });
}
