/** A file with one small Deployment whose annotation has these lines; they begin at 10:7. */
export function deploymentFile(fullName: string, lines: readonly string[], metadata: readonly string[] = []): string {
  const [namespace = '', name = ''] = fullName.split('/');
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
${metadata.map(line => `  ${line}\n`).join('')}  annotations:
    waymark.dev/config: |
${lines.map(line => `      ${line}\n`).join('')}spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: web, ports: [{containerPort: 80}]}]}
`;
}

/** The lines of an InferenceService `web-<model>-<digits of the version>`. */
export function serviceLines(model: string, version: string, ...more: readonly string[]): readonly string[] {
  return [
    'apiVersion: waymark.dev/v1',
    'kind: InferenceService',
    'type: web',
    `model: ${model}`,
    `version: ${version}`,
    ...more,
  ];
}

/** Several documents in one file. */
export function fileOf(...documents: readonly string[]): string {
  return documents.join('---\n');
}
