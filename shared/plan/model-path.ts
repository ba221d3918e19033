import type { Intent } from '../intent.ts';
import type { Settings } from '../settings.ts';
import { lineOf } from './line.ts';
import type { Route } from './route.ts';

/** Where a model is found on the host that all share. */
export interface ModelPath {
  /** With a slash at both ends. */
  readonly prefix: string;
  /** Versions of one line share the path. */
  readonly line: string;
  readonly route: Route;
}

/** Of every InferenceService in prod that has a port, where the platform gives such paths. */
export function modelPathOf(
  intent: Intent,
  { ingressHost, modelPrefix }: Pick<Settings, 'ingressHost' | 'modelPrefix'>,
): ModelPath | undefined {
  const { object, service, environment, ports } = intent;
  if (ingressHost === '' || modelPrefix === '' || ports.length === 0) return undefined;
  if (service === undefined || environment !== 'prod') return undefined;
  const prefix = modelPrefix.replace('{model}', service.model);
  const place = { host: ingressHost, named: false, at: service.modelAt, path: 'model' };
  return {
    prefix,
    line: `${object.namespace}/${lineOf({ ...service, environment })}`,
    route: { intent, place, modelPath: prefix },
  };
}
