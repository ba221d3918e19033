import { eventually } from './eventually.ts';
import { pathOf } from './objects.ts';
import { apply } from './world.ts';
import type { World } from './world.ts';

/** From now on the API server refuses every Service of this name, by a ValidatingAdmissionPolicy. Resolves when it does. */
export async function refuseService(world: World, service: string): Promise<void> {
  const matchConstraints = {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['services'] },
    ],
  };
  await apply(
    world,
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'poison' },
      spec: { matchConstraints, validations: [{ expression: `object.metadata.name != '${service}'` }] },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'poison' },
      spec: { policyName: 'poison', validationActions: ['Deny'] },
    },
  );
  // It takes a moment to come into force.
  await eventually(
    async () => {
      const probe = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: service },
        spec: { ports: [{ port: 80 }] },
      };
      const { status } = await world.cluster.api('POST', `${pathOf('Service', 'lab')}?dryRun=All`, probe);
      if (status !== 422) throw new Error(`a Service '${service}' is answered with ${status}`);
    },
    { within: 15_000 },
  );
}

/** Undoes `refuseService`. */
export async function acceptService(world: World): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/poison';
  const { status } = await world.cluster.api('DELETE', path);
  if (status !== 200) throw new Error(`DELETE ${path}: ${status}`);
}
