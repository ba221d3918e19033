import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { admit, missingMutation } from '../../shared/admit.ts';
import type { AdmissionRequest } from '../../shared/admission.ts';
import type { Deployment } from '../../shared/deployment.ts';
import { printYaml } from '../../shared/render/yaml.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import { readCluster } from './golden-cluster.ts';
import { linesOf } from './golden.ts';
import type { GoldenText } from './golden.ts';

const FOLDER = join(import.meta.dirname, '..', 'golden-admission');

export function admissionCases(): readonly string[] {
  return readdirSync(FOLDER).sort();
}

export function admissionFile(name: string, file: string): string {
  return join(FOLDER, name, file);
}

/**
 * What the mutating hook makes of `sent.yaml`, an update of `stored.yaml` where there is one, and what both hooks say.
 * The validating hook is asked about `final.yaml`, where another webhook has changed what ours admitted.
 */
export function admissionText(name: string): GoldenText {
  const object = deploymentIn(name, 'sent.yaml');
  if (object === undefined) throw new Error(`${name} has no sent.yaml`);
  const oldObject = deploymentIn(name, 'stored.yaml');
  const request: AdmissionRequest = {
    operation: oldObject ? 'UPDATE' : 'CREATE',
    object,
    ...(oldObject && { oldObject }),
    settings: { ...defaultSettings, external: { ...defaultSettings.external, ips: ['203.0.113.10'] } },
    namespaces: new Map(),
    facts: readCluster(admissionFile(name, 'cluster.yaml')).facts,
  };
  const { admitted, findings } = admit(request);
  const missing = missingMutation({ ...request, object: deploymentIn(name, 'final.yaml') ?? admitted });
  return { output: printYaml([admitted]), findings: linesOf([...findings, ...(missing ? [missing] : [])]) };
}

function deploymentIn(name: string, file: string): Deployment | undefined {
  const path = admissionFile(name, file);
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Deployment) : undefined;
}
