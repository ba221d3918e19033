import type { Intent } from '../shared/intent.ts';
import { hostsOf, mappingHosts } from '../shared/plan/hosts.ts';
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
    targets: intent === undefined ? [] : targetsOf(intent),
    weighed: intent === undefined ? [] : weighedHosts(intent, settings),
  };
}

function targetsOf({ object, mappings }: Intent): readonly string[] {
  const services = mappings.flatMap(({ action }) => {
    if (action.does === 'redirect' || action.destination.to === 'external') return [];
    const { namespace, name } = action.destination.to === 'own' ? object : action.destination;
    return [`${namespace}/${name}`];
  });
  return [...new Set(services)];
}

function weighedHosts(intent: Intent, settings: Settings): readonly string[] {
  const weighed = intent.mappings.filter(({ weight }) => weight !== undefined);
  const places = weighed.flatMap(mapping => mappingHosts(mapping, intent, settings));
  return [...new Set(places.map(({ host }) => host))];
}
