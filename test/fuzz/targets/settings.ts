import { compile } from '../../../shared/compile.ts';
import { isError } from '../../../shared/findings/finding.ts';
import { parseSettings } from '../../../shared/settings-file.ts';
import { canonicalAddress, canonicalBlock } from '../../../shared/values/ip-address.ts';
import { strayStrings } from '../../support/alphabets.ts';
import { mutateText } from '../mutate-text.ts';
import { checkFindings, checkPrototypes } from '../promises.ts';
import { settingsSeeds } from '../seeds.ts';
import { must } from '../target.ts';
import type { Target } from '../target.ts';
import { WORLDS } from '../worlds.ts';

const CONFIG = `apiVersion: waymark.dev/v1
kind: InferenceService
type: tfserving
model: resnet
version: v1
hosts: [resnet.example.com]
replicas: {min: 1, max: 4}
external: {}
---
apiVersion: getambassador.io/v2
kind: Mapping
name: resnet
prefix: /resnet/
`;

/** A file of settings; where it is good, what is built under it. */
export const settings: Target = {
  name: 'settings',
  share: 0.27,
  seeds: settingsSeeds,
  mutate: mutateText,
  run(text) {
    const reading = parseSettings(text, 'settings.yaml');
    checkFindings(reading.findings, (object, key) =>
      object.name === 'settings.yaml' && key === 'settings.yaml' ? text : undefined,
    );
    must(
      (reading.settings === undefined) === reading.findings.some(isError),
      'settings are there unless there is an error',
    );
    must(
      JSON.stringify(parseSettings(text, 'settings.yaml')) === JSON.stringify(reading),
      'an equal text is read equally',
    );
    checkPrototypes();
    if (reading.settings === undefined) return;
    const { external } = reading.settings;
    must(
      external.ips.every(ip => canonicalAddress(ip) === ip),
      'an address is in its one spelling',
      external,
    );
    must(
      external.allowedIPs.every(block => canonicalBlock(block) === block),
      'a block is in its one spelling',
      external,
    );
    checkBuilt(reading.settings);
  },
};

function checkBuilt(platform: NonNullable<ReturnType<typeof parseSettings>['settings']>): void {
  const metrics = [...platform.metricCatalog.keys()].slice(0, 8).map(name => `${name}:50`);
  const text =
    metrics.length === 0 ? CONFIG : CONFIG.replace('external:', `metrics: '${metrics.join(',')}'\nexternal:`);
  for (const { namespaces, deployment } of WORLDS.slice(0, 2)) {
    const deployments = [deployment('tfserving-resnet-1', text), deployment('test-tfserving-resnet-1', text)];
    const snapshot = { settings: platform, namespaces, now: 0, deployments, existing: [], istio: true };
    const { objects, findings } = compile(snapshot);
    checkFindings(findings, object => (object.kind === 'Deployment' ? text : undefined));
    for (const { object } of objects) {
      must(strayStrings(object).length === 0, 'S-01: a string is of the alphabet of its field', strayStrings(object));
    }
  }
}
