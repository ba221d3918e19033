/** What users of Ambassador have: Services with the annotation, Mappings of their own, and Deployments without either. */

const indented = (lines: readonly string[], depth: number) =>
  lines.map(line => `${' '.repeat(depth)}${line}\n`).join('');

/** Selects the Pods that are labelled with its name. */
export function service(fullName: string): string {
  return annotated(fullName, []);
}

/** A Service whose annotation has these lines; they begin at 8:7. */
export function annotated(fullName: string, lines: readonly string[], spec?: string): string {
  const [namespace = '', name = ''] = fullName.split('/');
  const annotations = lines.length === 0 ? '' : `  annotations:\n    getambassador.io/config: |\n${indented(lines, 6)}`;
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
${annotations}${spec ?? `spec: {selector: {app: ${name}}, ports: [{port: 80}, {port: 8080}]}`}
`;
}

/** A Mapping whose `spec` has these lines; they begin at 7:3. */
export function mappingObject(fullName: string, lines: readonly string[], version = 'v3alpha1'): string {
  const [namespace = '', name = ''] = fullName.split('/');
  return `apiVersion: getambassador.io/${version}
kind: Mapping
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
${indented(lines, 2)}`;
}

/** A Deployment whose Pods are labelled with `app`; with lines it has an annotation of Waymark's own. */
export function deployment(fullName: string, app: string, lines: readonly string[] = []): string {
  const [namespace = '', name = ''] = fullName.split('/');
  const annotations = lines.length === 0 ? '' : `  annotations:\n    waymark.dev/config: |\n${indented(lines, 6)}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
${annotations}spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: main, image: web, ports: [{containerPort: 8080}]}]}
`;
}
