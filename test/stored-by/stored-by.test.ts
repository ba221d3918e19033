import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { admit, missingMutation } from '../../shared/admit.ts';
import type { AdmissionRequest } from '../../shared/admission.ts';
import type { Deployment, EnvVar } from '../../shared/deployment.ts';
import { isInjected } from '../../shared/inject/record.ts';
import { asStored } from '../support/deployments.ts';
import { recordOf } from '../support/injection-world.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Namespace } from '../../shared/snapshot.ts';

/**
 * Objects as earlier versions of Waymark stored them, or as one could have: files are added, and never changed. Every
 * later version must leave each of them as it is, whatever its settings, until its user changes it.
 */
const ROOT = import.meta.dirname;

const rows = readdirSync(ROOT, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .flatMap(({ name: version }) =>
    readdirSync(join(ROOT, version)).map(file => {
      const object = JSON.parse(readFileSync(join(ROOT, version, file), 'utf8')) as Deployment;
      return { version, what: file.replace('.json', '').replaceAll('-', ' '), object };
    }),
  );

const PLATFORMS: readonly Settings[] = [
  defaultSettings,
  { ...defaultSettings, area: 'guangzhou', environment: 'test', domain: 'other.example.com' },
];
const NAMESPACES: readonly ReadonlyMap<string, Namespace>[] = [
  new Map(),
  new Map([['shop', { metadata: { name: 'shop', annotations: { 'waymark.dev/area': 'shanghai' } } }]]),
];

describe('an object that Waymark stored before an upgrade', () => {
  it.each(rows)('by $version, $what, is left as it is by both hooks, whatever the settings (R-22)', ({ object }) => {
    for (const request of updates(object, object)) {
      const decision = admit(request);

      expect(decision.patch).toEqual([]);
      expect(missingMutation(request, decision)).toBeUndefined();
    }
  });

  it.each(rows)('by $version, $what, is put back where its manifest replaces it (R-22)', ({ object }) => {
    for (const request of updates(withoutOurs(object), object)) {
      const { admitted } = admit(request);

      expect(asStored(admitted).spec).toEqual(object.spec);
      expect(admitted.metadata.annotations).toEqual(object.metadata.annotations);
    }
  });

  it.each(rows)('by $version, $what, takes new values up with the next change of its user (R-22)', ({ object }) => {
    const changed = withImage(object, 'example.com/model:2');
    for (const request of updates(changed, object)) {
      const { admitted, findings } = admit(request);

      const names = new Set(findings.filter(({ code }) => code === 'WM204').map(({ path }) => path));
      expect(isInjected(admitted)).toBe(true);
      // Also what only a later version knows.
      expect(recordOf(admitted)['main']).toEqual(expect.arrayContaining([...(recordOf(object)['main'] ?? [])]));
      if (!names.has('KUBEFLOW_MODEL_IMAGES'))
        expect(valueOf(admitted, 'KUBEFLOW_MODEL_IMAGES')).toBe('example.com/model:2');
      if (!names.has('KUBEFLOW_AREA')) expect(valueOf(admitted, 'KUBEFLOW_AREA') ?? '').toBe(areaOf(request));
    }
  });
});

it('what only a later version knows goes with the annotation', () => {
  const later = rows.find(({ what }) => what.includes('later version'))?.object;
  if (!later) throw new Error('there is no such object');
  const [request] = updates({ ...later, metadata: { ...later.metadata, annotations: {} } }, later);

  const env = request && admit(request).admitted.spec.template.spec.containers[0]?.env;

  expect(env).toEqual([{ name: 'A', value: '$(KUBEFLOW_ENV)' }]);
});

function updates(object: Deployment, oldObject: Deployment): readonly AdmissionRequest[] {
  return PLATFORMS.flatMap(settings =>
    NAMESPACES.map(namespaces => ({ operation: 'UPDATE' as const, object, oldObject, settings, namespaces })),
  );
}

function areaOf({ settings, namespaces }: AdmissionRequest): string {
  return namespaces.get('shop')?.metadata.annotations?.['waymark.dev/area'] ?? settings.area;
}

function valueOf({ spec }: Deployment, name: string): string | undefined {
  return spec.template.spec.containers[0]?.env?.find(entry => entry.name === name)?.value;
}

/** The manifest in the user's repository, whose own variables all have names of their own. */
function withoutOurs(object: Deployment): Deployment {
  const { ['waymark.dev/injected']: text = '{}', ...annotations } = object.metadata.annotations ?? {};
  const record = JSON.parse(text) as Readonly<Record<string, readonly string[]>>;
  const isTheirs = (container: string) => (entry: EnvVar) => record[container]?.includes(entry.name) !== true;
  const { template } = object.spec;
  const [containers, initContainers] = [template.spec.containers, template.spec.initContainers].map(list =>
    list?.map(one => ({ ...one, env: (one.env ?? []).filter(isTheirs(one.name)) })),
  );
  const pod = { ...template.spec, containers: containers ?? [], ...(initContainers && { initContainers }) };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: { ...object.spec, template: { ...template, spec: pod } },
  };
}

function withImage(object: Deployment, image: string): Deployment {
  const { template } = object.spec;
  const containers = template.spec.containers.map((one, index) => (index === 0 ? { ...one, image } : one));
  return { ...object, spec: { ...object.spec, template: { ...template, spec: { ...template.spec, containers } } } };
}
