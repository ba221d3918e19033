import { expect, it } from '@jest/globals';
import type { Deployment } from '../../shared/deployment.ts';
import { nameOf } from '../../shared/findings/finding.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { placeOf } from '../../shared/findings/format.ts';
import type { Reading } from '../../shared/intent.ts';
import { read } from '../../shared/read.ts';
import type { ReadContext } from '../../shared/read.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Namespace } from '../../shared/snapshot.ts';
import { container, deployment } from './deployments.ts';
import type { DeploymentParts } from './deployments.ts';

export const SETTINGS: Settings = {
  ...defaultSettings,
  domain: 'service.example.com',
  ingressHost: 'apps.example.com',
};

export function namespace(name: string, annotations: Record<string, string> = {}): [string, Namespace] {
  return [name, { metadata: { name, annotations } }];
}

export function context(settings: Partial<Settings> = {}, ...namespaces: [string, Namespace][]): ReadContext {
  return { settings: { ...SETTINGS, ...settings }, namespaces: new Map(namespaces) };
}

/** Deployment shop/tfserving-resnet50-20240501 with two named ports and requests for both resources. */
export function resnet(config: string, parts: DeploymentParts = {}): Deployment {
  const ports = [
    { name: 'rest', containerPort: 8501 },
    { name: 'grpc', containerPort: 8500 },
  ];
  const resources = { requests: { cpu: '1', memory: '1Gi' } };
  const containers = [container('main', { ports, resources })];
  return deployment('shop/tfserving-resnet50-20240501', { config, containers, ...parts });
}

export const SERVICE_HEAD = 'apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: tfserving\nmodel: resnet50\n';
export const MAPPING_HEAD = 'apiVersion: getambassador.io/v3alpha1\nkind: Mapping\nname: one\n';

/** An InferenceService of six lines, more from the sixth on. */
export function service(...lines: string[]): string {
  return `${SERVICE_HEAD}version: v2024.05.01\n${lines.join('\n')}\n`;
}

/** A Mapping of four lines, more from the fifth on. */
export function mapping(...lines: string[]): string {
  return `${MAPPING_HEAD}prefix: /one/\n${lines.join('\n')}\n`;
}

export function readText(config: string, given: ReadContext = context()): Reading {
  return read(resnet(config), given);
}

/** `ValueWrong 6:14 environment`: what a table of findings asserts. The wording is shown by the golden cases. */
export function brief(finding: Finding): string {
  const place = placeOf(finding.site).replace(/^(?:waymark\.dev|getambassador\.io)\/config /, '');
  return `${nameOf(finding)} ${place} ${finding.path === place ? '' : finding.path}`.trim();
}

/** A table of texts on the same Deployment: what is found in each, in order. */
export function eachText(rows: Readonly<Record<string, readonly [text: string, findings: readonly string[]]>>): void {
  it.each(Object.entries(rows))('%s', (_, [text, findings]) => {
    const reading = readText(text);

    expect(reading.findings.map(brief)).toEqual(findings);
  });
}
