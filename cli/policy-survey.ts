import { effectiveSettings, namespaceFindings } from '../shared/effective-settings.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { isActedOn } from '../shared/plan/scope.ts';
import type { ReadContext } from '../shared/read.ts';
import type { Policy } from '../shared/settings.ts';
import type { Judged } from './policy-judge.ts';

/** What a switch of one namespace to `enforce` would mean. */
export interface NamespaceSurvey {
  readonly namespace: string;
  /** The one in force now. */
  readonly policy: Policy;
  /** Annotated Deployments. */
  readonly deployments: number;
  /** Those that would be denied. */
  readonly denied: readonly Judged[];
  /** Settings of the Namespace that cannot be used, so that the platform's hold: it may be the policy itself. */
  readonly warnings: readonly Finding[];
}

/** By name of the namespace and of the Deployment; namespaces without an annotated Deployment are left out. */
export function survey(judged: readonly Judged[], { settings, namespaces }: ReadContext): readonly NamespaceSurvey[] {
  return [...Map.groupBy(judged, ({ namespace }) => namespace)]
    .map(([namespace, its]): NamespaceSurvey => {
      const object = namespaces.get(namespace);
      return {
        namespace,
        policy: isActedOn(namespace, settings) ? effectiveSettings(settings, object).policy : 'off',
        deployments: its.length,
        denied: its.filter(({ errors }) => errors.length > 0).sort((a, b) => compareText(a.name, b.name)),
        warnings: object ? namespaceFindings(settings, object) : [],
      };
    })
    .sort((a, b) => compareText(a.namespace, b.namespace));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
