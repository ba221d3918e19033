import { NAMESPACE_SETTINGS } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { isDnsName } from '../values/dns.ts';
import { nearestName } from '../values/nearest.ts';
import type { Read } from './field.ts';
import { readEachItem } from './items.ts';
import { reportUnknownSetting } from './unknown-setting.ts';
import { readLabel, readOneOf, readText, readTextThat, reportType, reportValue } from './readers.ts';

const PLACEHOLDERS = ['prefix', 'service', 'namespace', 'domain'];

/**
 * {service} must be in it: without it all services of a namespace would have one host. So must a dot: Istio takes a
 * host without one for a Service of the namespace.
 */
export const readHostTemplate: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined) return undefined;
  const filled = text.replace('{prefix}', 'test.').replace(/\{(?:service|namespace|domain)\}/g, 'a');
  const hasDot = text.includes('.') || text.includes('{domain}');
  if (text.includes('{service}') && hasDot && isDnsName(filled)) return text;
  const unknown = /\{([^{}]*)\}/.exec(filled.includes('{') ? filled : '')?.[1];
  const near = unknown === undefined ? undefined : nearestName(unknown, PLACEHOLDERS);
  reportValue(
    report,
    node,
    path,
    `must be a DNS name in lower case with {service} and perhaps ${PLACEHOLDERS.map(each => `{${each}}`).join(', ')} in it`,
    near === undefined ? "write '{prefix}{service}.{namespace}.{domain}'" : `write '{${near}}' for '{${unknown}}'`,
  );
  return undefined;
};

export const readDomain = readTextThat(
  text => text === '' || isDnsName(text),
  'must be a DNS name in lower case, or empty',
  "write a name such as 'service.example.com'",
);

export const readHostOrNone = readTextThat(
  text => text === '' || (isDnsName(text) && text.includes('.')),
  'must be a host in lower case, or empty',
  "write a name such as 'apps.example.com'",
);

/** A path of `ingressHost`: with `{model}`, so that two models have two, and with a slash at its end, as routes are cut there. */
export const readModelPrefix = readTextThat(
  text =>
    text === '' ||
    (/^\/(?:[A-Za-z0-9._~-]+\/)*(?:[A-Za-z0-9._~-]*\{model\}[A-Za-z0-9._~-]*\/)(?:[A-Za-z0-9._~-]+\/)*$/.test(text) &&
      !/\/\.{1,2}\//.test(text)),
  'must be a path with `{model}` once in it and a slash at both ends, or empty',
  "write '/models/{model}/'",
);

export const readSuffixes = readEachItem(
  text => (isDnsName(text) ? text : undefined),
  'must be a DNS name in lower case',
  "write a name such as 'example.com'",
);

export const readLabels: Read<readonly string[]> = (node, path, report) => {
  if (node.kind === 'list') {
    return node.items.flatMap((item, index) => readLabel(item, `${path}[${index}]`, report) ?? []);
  }
  reportType(report, node, path, 'must be a list', 'write `[tfserving, triton-server]`');
  return undefined;
};

export const readNamespaceSettings: Read<Settings['namespaceSettings']> = (node, path, report) => {
  if (node.kind === 'list') {
    const readOne = readOneOf(...NAMESPACE_SETTINGS);
    return node.items.flatMap((item, index) => readOne(item, `${path}[${index}]`, report) ?? []);
  }
  reportType(report, node, path, 'must be a list', 'write `[environment, area]`');
  return undefined;
};

export const readIstio: Read<Settings['istio']> = (node, path, report) => {
  const [entry, ...others] = node.kind === 'map' ? node.entries : [];
  if (node.kind !== 'map' || entry?.key !== 'version' || others.length > 0) {
    const wrong = node.kind === 'map' ? node.entries.find(({ key }) => key !== 'version') : undefined;
    if (wrong === undefined) reportType(report, node, path, 'must hold `version`', "write `{version: '1.26'}`");
    else reportUnknownSetting(wrong.keyAt, `${path}.${wrong.key}`, 'version', report);
    return undefined;
  }
  const version = readTextThat(
    text => /^1\.\d{1,3}$/.test(text),
    "must be a version of Istio such as '1.26'",
    "write '1.26'",
  )(entry.value, `${path}.version`, report);
  return version === undefined ? undefined : { version };
};

export const readClusterDomain = readTextThat(isDnsName, 'must be a DNS name in lower case', "write 'cluster.local'");

export const readGateway = readTextThat(
  text => text.split('/').length === 2 && text.split('/').every(part => isDnsName(part)),
  'must be `namespace/name` of a Gateway of Istio',
  "write 'istio-system/ingressgateway'",
);
