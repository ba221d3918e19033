import { finding } from '../findings/finding.ts';
import type { Finding } from '../findings/finding.ts';
import type { Intent } from '../intent.ts';
import { siteIn } from '../plan/conflict-findings.ts';
import type { Lack, SharedOut } from '../plan/traffic.ts';

/** What is to be said about targets that do not get their share; what is not permitted has been said before. */
export function shareFindings(intent: Intent, shares: readonly SharedOut[]): readonly Finding[] {
  return shares.flatMap(({ field, share, lack }) => {
    const words = lack && WORDS[lack];
    if (!words) return [];
    const target = `${share.namespace}/${share.name}`;
    return [
      finding(words.name, {
        ...siteIn(intent, share.at),
        path: share.path,
        must: `must ${words.must} to get its ${share.percent}% of the ${field}`,
        found: `but '${target}' ${words.found}`,
        fix: words.fix,
      }),
    ];
  });
}

interface Words {
  readonly name: 'TargetMissing' | 'TargetNotReady';
  readonly must: string;
  readonly found: string;
  readonly fix: string;
}

const WORDS: Readonly<Record<Lack, Words | undefined>> = {
  missing: {
    name: 'TargetMissing',
    must: 'be a Service',
    found: 'is not there',
    fix: 'create it, or take it out; until then its share stays with the others',
  },
  'no-port': {
    name: 'TargetMissing',
    must: 'have a port',
    found: 'has none',
    fix: 'give the Service a port, or take it out; until then its share stays with the others',
  },
  'no-selector': {
    name: 'TargetMissing',
    must: 'select Pods, and be no ExternalName',
    found: 'does not',
    fix: 'name the Service of a workload, or take it out; until then its share stays with the others',
  },
  'not-ready': {
    name: 'TargetNotReady',
    must: 'have an endpoint that takes requests',
    found: 'has none',
    fix: 'scale it up, or take it out; until then its share stays with the others',
  },
  'not-permitted': undefined,
};
