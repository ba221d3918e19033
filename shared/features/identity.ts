import type { InferenceServiceValues } from '../documents.ts';
import type { Identity, LocatedIdentity } from '../intent.ts';
import { namePrefix } from '../render/names.ts';
import type { Scene } from './scene.ts';

/** Leaves room for `-external` behind the name of a Service, which has at most 63 characters. */
export const MAX_NAME = 54;

/** What a name keeps of a version. */
export function versionDigits(version: string): string {
  return version.replace(/\D+/g, '');
}

/** The name that an InferenceService's Deployment must have; never cut. */
export function expectedName({ type, model, version, environment }: Identity): string {
  return `${namePrefix(environment)}${type}-${model}-${versionDigits(version)}`;
}

/** Undefined where the fields that make the name are not all there. */
export function identityOf(values: InferenceServiceValues, { environment }: Scene): LocatedIdentity | undefined {
  const { type, model, version } = values;
  if (type === undefined || model === undefined || version === undefined) return undefined;
  return {
    type: type.value,
    model: model.value,
    version: version.value,
    environment,
    places: {
      type: type.at,
      model: model.at,
      version: version.at,
      ...(values.environment && { environment: values.environment.at }),
    },
  };
}
