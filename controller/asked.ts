import type { Intent } from '../shared/intent.ts';
import { hostsOf } from '../shared/plan/hosts.ts';
import { modelPathOf } from '../shared/plan/model-path.ts';
import { upstreamsOf } from '../shared/plan/upstream-asks.ts';
import type { Settings } from '../shared/settings.ts';
import type { Asked } from './group-index.ts';

/** Which groups a Deployment takes part in; of a text with an error only what lives of it may be known. */
export function askedBy(intent: Intent | undefined, builtIn: readonly string[], settings: Settings): Asked {
  return {
    hosts: intent === undefined ? [] : hostsOf(intent, settings),
    builtIn,
    line: intent && modelPathOf(intent, settings)?.line,
    upstreams: intent === undefined ? [] : upstreamsOf(intent, settings),
  };
}
