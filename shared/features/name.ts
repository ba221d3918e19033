import type { Complaint } from '../annotation/complaint.ts';
import type { InferenceServiceValues } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import { namePrefix } from '../render/names.ts';
import type { Environment } from '../settings.ts';
import type { Range } from '../source.ts';
import { isServiceName } from '../values/dns.ts';
import type { Scene } from './scene.ts';

/** Leaves room for `-external` behind the name of a Service, which has at most 63 characters. */
const MAX_NAME = 54;

export interface Identity {
  readonly type: string;
  readonly model: string;
  readonly version: string;
  readonly environment: Environment;
}

/** What a name keeps of a version. */
export function versionDigits(version: string): string {
  return version.replace(/\D+/g, '');
}

/** The name that an InferenceService's Deployment must have; never cut. */
export function expectedName({ type, model, version, environment }: Identity): string {
  return `${namePrefix(environment)}${type}-${model}-${versionDigits(version)}`;
}

const NAME = ['metadata', 'name'] as const;

/** What the rule of names says. Nothing where the fields that make the name are not all there. */
export function nameComplaints(values: InferenceServiceValues, { deployment, environment }: Scene): Complaint[] {
  const { type, model, version } = values;
  if (type === undefined || model === undefined || version === undefined) return [];
  const { name } = deployment.metadata;
  const identity = { type: type.value, model: model.value, version: version.value, environment };
  const expected = expectedName(identity);
  const complaints: Complaint[] = [];
  if (name !== expected) {
    complaints.push({
      name: 'NameMismatch',
      at: NAME,
      path: 'metadata.name',
      must: `must be '${expected}'`,
      found: `but is ${quoted(name)}`,
      fix: `write \`name: ${expected}\`, or correct the field that disagrees`,
      related: disagreeing(name, identity, values).map(({ field, at }) => ({ at, message: `\`${field}\`` })),
    });
  }
  const longest = Math.max(name.length, expected.length);
  if (longest > MAX_NAME) {
    complaints.push({
      name: 'NameTooLong',
      at: NAME,
      path: 'metadata.name',
      must: `must have at most ${MAX_NAME} characters, so that there is room for '-external' behind it`,
      found: `but has ${longest}`,
      fix: `shorten \`model\` by ${longest - MAX_NAME}`,
      related: [{ at: model.at, message: '`model`' }],
    });
  }
  return complaints;
}

/** The fields that the name does not agree with, in document order. */
function disagreeing(name: string, identity: Identity, values: InferenceServiceValues): { field: string; at: Range }[] {
  const { type, model, environment } = identity;
  const digits = versionDigits(identity.version);
  const prefix = namePrefix(environment);
  const fits = name.startsWith(prefix) && (environment !== 'prod' || !/^(?:test|debug)-/.test(name));
  const rest = name.replace(/^(?:test|debug)-/, '');
  const wrong = {
    environment: !fits,
    type: !rest.startsWith(`${type}-`),
    version: !rest.endsWith(`-${digits}`),
    model: !rest.includes(`-${model}-`),
  };
  return (['type', 'model', 'version', 'environment'] as const)
    .filter(field => wrong[field])
    .flatMap(field => {
      const at = values[field]?.at;
      return at === undefined ? [] : [{ field, at }];
    })
    .sort((a, b) => a.at.start - b.at.start);
}

/** Whether the Deployment's name can be a Service's; if not, that is reported. An empty one is not known yet. */
export function checkServiceName({ deployment, report }: Scene): void {
  const { name } = deployment.metadata;
  if (name === '' || isServiceName(name)) return;
  report({
    name: 'ServiceNameIllegal',
    at: NAME,
    path: 'metadata.name',
    must: 'must be a name for a Service: at most 63 lower-case letters, digits and dashes, with a letter in front',
    found: `but is ${quoted(name)}`,
    fix: 'rename the Deployment',
  });
}
