import type { Complaint } from '../annotation/complaint.ts';
import { quoted } from '../fields/field.ts';
import type { Identity, LocatedIdentity } from '../intent.ts';
import { namePrefix } from '../render/names.ts';
import type { Range } from '../source.ts';
import { isServiceName } from '../values/dns.ts';
import { expectedName, MAX_NAME, versionDigits } from './identity.ts';
import { renameHint, serviceNameHint, shorterHint } from './rename-hints.ts';
import type { Scene } from './scene.ts';

const NAME = ['metadata', 'name'] as const;

/** What the rule of names says: nothing, or that the identity makes another name, or none at all since it is too long. */
export function nameComplaints(identity: LocatedIdentity, { deployment }: Scene): Complaint[] {
  const { name } = deployment.metadata;
  const expected = expectedName(identity);
  if (expected.length > MAX_NAME) return [tooLong(expected, identity)];
  if (name === expected) return [];
  return [
    {
      name: 'NameMismatch',
      at: NAME,
      path: 'metadata.name',
      must: `must be '${expected}'`,
      found: `but is ${quoted(name)}`,
      fix: renameHint(name, identity),
      related: disagreeing(name, identity).map(({ field, at }) => ({ at, message: `\`${field}\`` })),
    },
  ];
}

function tooLong(expected: string, identity: LocatedIdentity): Complaint {
  return {
    name: 'NameTooLong',
    at: NAME,
    path: 'metadata.name',
    must: `must have at most ${MAX_NAME} characters, so that there is room for '-external' behind it`,
    found: `but '${expected}' has ${expected.length}`,
    fix: shorterHint(identity),
    related: identity.places.model ? [{ at: identity.places.model, message: '`model`' }] : [],
  };
}

/** The fields that the name does not agree with, in document order. */
function disagreeing(name: string, identity: LocatedIdentity): { field: string; at: Range }[] {
  const { type, model, environment, places } = identity;
  const prefix = namePrefix(environment);
  const fits = name.startsWith(prefix) && (environment !== 'prod' || !/^(?:test|debug)-/.test(name));
  const rest = name.replace(/^(?:test|debug)-/, '');
  const wrong = {
    environment: !fits,
    type: !rest.startsWith(`${type}-`),
    version: !rest.endsWith(`-${versionDigits(identity.version)}`),
    model: !rest.includes(`-${model}-`),
  };
  // What begins and ends right has more in between than the model.
  if (!Object.values(wrong).includes(true)) wrong.model = true;
  return (['type', 'model', 'version', 'environment'] as const)
    .flatMap(field => (wrong[field] && places[field] ? [{ field, at: places[field] }] : []))
    .sort((a, b) => a.at.start - b.at.start);
}

/**
 * Whether the Deployment's name can be a Service's; if not, that is reported. An empty one is not known yet. `identity`:
 * of the InferenceService, which says what the name ought to be.
 */
export function checkServiceName({ deployment, report }: Scene, identity?: Identity): void {
  const { name } = deployment.metadata;
  if (name === '' || isServiceName(name)) return;
  report({
    name: 'ServiceNameIllegal',
    at: NAME,
    path: 'metadata.name',
    must: 'must be a name for a Service: at most 63 lower-case letters, digits and dashes, with a letter in front',
    found: `but is ${quoted(name)}`,
    fix: serviceNameHint(name, identity),
  });
}
