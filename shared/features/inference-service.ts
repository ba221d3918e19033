import type { InferenceServiceDocument } from '../documents.ts';
import { quoted } from '../fields/field.ts';
import type { InferenceService, ServicePort } from '../intent.ts';
import type { Located } from '../source.ts';
import { nearestName } from '../values/nearest.ts';
import { autoscalingOf } from './autoscaling.ts';
import { containerName } from './container.ts';
import { externalOf } from './external.ts';
import { checkBuiltInHost, mayClaim, servedHost } from './hosts.ts';
import { identityOf } from './identity.ts';
import { checkServiceName } from './name.ts';
import type { Scene } from './scene.ts';
import { sharesOf } from './shares.ts';

/** The InferenceService; undefined = a field that it cannot be without is missing or wrong, and that has been reported. */
export function inferenceServiceOf(
  document: InferenceServiceDocument,
  ports: readonly ServicePort[],
  scene: Scene,
): InferenceService | undefined {
  const { at, values } = document;
  checkType(values.type, scene);
  const hosts = hostsOf(values.hosts, scene);
  checkPorts(document, ports, scene);
  if (ports.length > 0) {
    checkServiceName(scene, identityOf(values, scene));
    checkBuiltInHost(scene);
  }
  const container = containerName(values.container, scene);
  const autoscaling = autoscalingOf(document, container, scene);
  const split = sharesOf('split', document, scene);
  const mirror = sharesOf('mirror', document, scene);
  const external = externalOf(document, ports, scene);
  const { type, model, version } = values;
  if (type === undefined || model === undefined || version === undefined) return undefined;
  return {
    at,
    type: type.value,
    model: model.value,
    modelAt: model.at,
    version: version.value,
    versionAt: version.at,
    modelPath: values.modelPath?.value ?? '',
    container,
    hosts,
    ...(autoscaling && { autoscaling }),
    timeout: values.timeout?.value ?? scene.settings.timeout,
    split,
    mirror,
    upgrade: { ...scene.settings.upgrade, ...values.upgrade?.value },
    ...(external && { external }),
  };
}

function checkType(type: Located<string> | undefined, { settings, report }: Scene): void {
  if (type === undefined || settings.types.length === 0 || settings.types.includes(type.value)) return;
  report({
    name: 'TypeNotAllowed',
    at: type.at,
    path: 'type',
    must: `must be one of ${settings.types.map(quoted).join(', ')}`,
    found: `but is ${quoted(type.value)}`,
    fix: `write '${nearestName(type.value, settings.types) ?? settings.types[0] ?? ''}'`,
  });
}

/** Those that may be had, as they are served; two that are one with the environment's prefix count once. */
function hostsOf(wanted: InferenceServiceDocument['values']['hosts'], scene: Scene): Located<string>[] {
  const hosts = new Map<string, Located<string>>();
  for (const { value, at, path } of wanted?.value ?? []) {
    const host = { value: servedHost(value, scene), at };
    if (mayClaim(host, path, scene) && !hosts.has(host.value)) hosts.set(host.value, host);
  }
  return [...hosts.values()];
}

function checkPorts(document: InferenceServiceDocument, ports: readonly ServicePort[], { report }: Scene): void {
  const { at, values, given } = document;
  const portsWrong = values.ports === undefined ? given.has('ports') : values.ports.value.length > 0;
  if (ports.length > 0 || portsWrong) return;
  const { hosts } = values;
  const why =
    values.ports === undefined
      ? { found: 'but the containers declare none', fix: 'declare it under `ports` of the container' }
      : { found: 'but `ports` is an empty list', fix: 'leave `ports` out, or name a port' };
  if (hosts !== undefined && hosts.value.length > 0) {
    report({ ...why, name: 'PortMissing', at: hosts.at, path: 'hosts', must: 'must have a TCP port to send to' });
  } else {
    report({
      ...why,
      name: 'NoService',
      at: values.ports?.at ?? { start: at.start, end: at.start },
      ...(values.ports && { path: 'ports' }),
      must: 'must have a TCP port for there to be a Service and a route',
    });
  }
}
