import { admit, missingMutation } from '../../../shared/admit.ts';
import type { AdmissionRequest } from '../../../shared/admission.ts';
import { compile } from '../../../shared/compile.ts';
import type { Deployment } from '../../../shared/deployment.ts';
import { readDocuments } from '../../../shared/documents.ts';
import { expectedName } from '../../../shared/features/identity.ts';
import { isError } from '../../../shared/findings/finding.ts';
import { sameJson } from '../../../shared/json.ts';
import { read } from '../../../shared/read.ts';
import { printYaml } from '../../../shared/render/yaml.ts';
import { strayPatchStrings, strayStrings } from '../../support/alphabets.ts';
import { applied } from '../../support/apply-patch.ts';
import { checkFindings, checkMessages, checkPrototypes } from '../promises.ts';
import { annotationSeeds } from '../seeds.ts';
import { hashOf, must } from '../target.ts';
import type { Target } from '../target.ts';
import { mutateText } from '../mutate-text.ts';
import { oneOf, WORLDS } from '../worlds.ts';
import type { FuzzWorld } from '../worlds.ts';

/** The text of an annotation: through `read`, `admit` and `compile`, on a Deployment of one of the worlds. */
export const annotation: Target = {
  name: 'annotation',
  share: 0.45,
  seeds: annotationSeeds,
  mutate: mutateText,
  run(text) {
    const hash = hashOf(text);
    const world = oneOf(WORLDS, hash);
    const deployment = world.deployment(nameFor(text, world, hash), text);
    if (hash % 8 === 0) must(same(readDocuments(text), readDocuments(text)), 'an equal text is read equally');
    checkReading(deployment, world);
    checkAdmission(deployment, world);
    checkCompilation(deployment, world, hash);
    checkPrototypes();
  },
};

/** What the rule of names asks for, mostly: else nothing would ever be built. */
function nameFor(text: string, { settings, namespaces, deployment }: FuzzWorld, hash: number): string {
  const { intent } = read(deployment('web', text), { settings, namespaces });
  if (intent?.service === undefined || hash % 16 === 1) return 'web';
  return expectedName({ ...intent.service, environment: intent.environment });
}

function textOf(deployment: Deployment, text: string) {
  const { namespace, name } = deployment.metadata;
  return (object: { namespace: string; name: string }) =>
    object.namespace === namespace && object.name === name ? text : undefined;
}

function checkReading(deployment: Deployment, world: FuzzWorld): void {
  const { findings, naming, intent } = read(deployment, world);
  const text = deployment.metadata.annotations?.[world.key] ?? '';
  checkFindings(findings, textOf(deployment, text));
  checkFindings(naming, textOf(deployment, text));
  must(intent !== undefined || findings.some(isError), 'a text without an intent has an error');
}

function checkAdmission(object: Deployment, { settings, namespaces, key }: FuzzWorld): void {
  const request: AdmissionRequest = { operation: 'CREATE', object, settings, namespaces };
  const decision = admit(request);
  const text = object.metadata.annotations?.[key] ?? '';
  checkFindings(decision.findings, textOf(object, text));
  checkMessages(decision.findings);
  must(
    strayPatchStrings(decision.patch).length === 0,
    'S-01: a patch holds what it may',
    strayPatchStrings(decision.patch),
  );
  if (decision.patch.length === 0) return;

  const after = applied(object, decision.patch);
  must(same(after, decision.admitted), 'what is admitted is the object with its patch');
  must(admit({ ...request, object: after }).patch.length === 0, 'W10: an object that is patched needs no patch');
  must(missingMutation({ ...request, object: after }) === undefined, 'W17: an object that is patched lacks nothing');
  const update: AdmissionRequest = { ...request, operation: 'UPDATE', oldObject: after };
  must(admit({ ...update, object: after }).patch.length === 0, 'W10: an update that changes nothing needs no patch');
  const again = admit({ ...update, object });
  must(same(applied(object, again.patch), after), 'an old manifest applied again becomes what is stored');
}

function checkCompilation(deployment: Deployment, { settings, namespaces, key }: FuzzWorld, hash: number): void {
  const snapshot = { settings, namespaces, now: 0, deployments: [deployment], existing: [], istio: hash % 32 !== 2 };
  const compilation = compile(snapshot);
  const text = deployment.metadata.annotations?.[key] ?? '';
  checkFindings(compilation.findings, textOf(deployment, text));
  for (const { object } of compilation.objects) {
    must(strayStrings(object).length === 0, 'S-01: a string is of the alphabet of its field', strayStrings(object));
    must(
      object.metadata.name.length <= (object.kind === 'VirtualService' ? 253 : 63),
      'a name is short',
      object.metadata,
    );
  }
  if (hash % 8 !== 0) return;
  const copy = structuredClone({ ...snapshot, namespaces: new Map(namespaces) });
  const printed = (objects: typeof compilation.objects) => printYaml(objects.map(({ object }) => object));
  const other = compile(copy);
  must(printed(other.objects) === printed(compilation.objects), 'equal worlds are compiled to the same bytes');
  must(same(other.findings, compilation.findings), 'equal worlds have the same findings');
}

function same(a: unknown, b: unknown): boolean {
  return sameJson(JSON.parse(JSON.stringify(a)) as never, JSON.parse(JSON.stringify(b)) as never);
}
