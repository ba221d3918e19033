import type { InferenceServiceDocument } from '../documents.ts';
import { reportRepeated } from '../fields/items.ts';
import type { ShareText } from '../fields/shares.ts';
import type { Share } from '../intent.ts';
import type { Located } from '../source.ts';
import { mayTarget } from './permission.ts';
import type { Scene } from './scene.ts';

type SharesField = 'split' | 'mirror';

/** The targets of a field. Whether they exist is not asked: an apply has no order. */
export function sharesOf(field: SharesField, { values }: InferenceServiceDocument, scene: Scene): readonly Share[] {
  const written = values[field];
  if (written === undefined) return [];
  if (field === 'split') checkSum(written, scene);
  const shares = written.value.map(text => shareOf(text, scene));
  const targets = new Map<string, Share>();
  for (const share of shares) {
    const target = `${share.namespace}/${share.name}`;
    if (isSelf(share, scene)) reportSelf(share, scene);
    const first = targets.get(target);
    if (first === undefined) targets.set(target, share);
    // Both with and without the namespace.
    else reportRepeated(target, share.at, share.path, first.at, scene.report);
  }
  return shares;
}

function shareOf({ at, path, namespace: written, name, percent }: ShareText, scene: Scene): Share {
  const namespace = written ?? scene.deployment.metadata.namespace;
  const isPermitted = mayTarget(namespace, { at, path, what: `${namespace}/${name}` }, scene);
  return { at, path, namespace, name, percent, isPermitted };
}

function checkSum({ value, at }: Located<readonly ShareText[]>, { report }: Scene): void {
  const sum = value.reduce((total, { percent }) => total + percent, 0);
  if (sum <= 100) return;
  report({
    name: 'PercentSum',
    at,
    path: 'split',
    must: 'must add up to at most 100%, of which what is left stays here',
    found: `but adds up to ${sum}%`,
    fix: `take ${sum - 100}% off`,
  });
}

function isSelf({ namespace, name }: Share, { deployment: { metadata } }: Scene): boolean {
  return name === metadata.name && namespace === metadata.namespace;
}

function reportSelf({ at, path, percent }: Share, { report }: Scene): void {
  report({
    name: 'TargetSelf',
    at,
    path,
    must: 'must be another service',
    found: 'but is this one',
    fix: `delete it: what no other gets stays here${percent === 100 ? '' : ' anyway'}`,
  });
}
