import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameOf } from './findings/finding.ts';
import type { Finding } from './findings/finding.ts';
import { placeOf } from './findings/format.ts';
import { defaultSettings, parseSettings } from './settings-file.ts';

const show = (finding: Finding) =>
  `${nameOf(finding)} ${placeOf(finding.site).replace('settings.yaml ', '')} ${finding.path}`.trim();

/** The file as the chart writes it when nobody changes anything. */
const WRITTEN_OUT = `
domain: ""
hostTemplate: "{prefix}{service}.{namespace}.{domain}"
gateway: istio-system/ingressgateway
ingressHost: ""
modelPrefix: /models/{model}/
environment: prod
area: ""
types: []
policy: enforce
external: {strategy: externalIPs, byDefault: false, ips: [], allowedIPs: [], basePort: 20000, nodePortBase: 30000, nodePortRange: 30000-32767}
metricCatalog: {gpu: {type: Pods, metric: DCGM_FI_DEV_GPU_UTIL, target: AverageValue}}
timeout: 300s
upgrade: {strategy: replace, bake: 30s, drain: 30s}
reservedHosts: []
externalServices: []
systemNamespace: waymark-system
namespaceSettings: [environment, area, domain, external-ips, allowed-hosts, allow-traffic-from, policy]
hostHold: 0s
istio: {version: "1.26"}
clusterDomain: cluster.local
`;

describe('settings that are good', () => {
  it.each(['', '# nothing\n', '{}', 'null', '---\n', WRITTEN_OUT])('are the defaults for %j', text => {
    expect(parseSettings(text)).toEqual({ findings: [], settings: defaultSettings });
  });

  it('replace only what they name', () => {
    const { settings } = parseSettings(
      'domain: apps.example.com\ntimeout: 5m\ntypes: [tfserving]\nreservedHosts: [example.org]\npolicy: off\n',
    );

    expect(settings).toEqual({
      ...defaultSettings,
      domain: 'apps.example.com',
      timeout: 300_000,
      types: ['tfserving'],
      reservedHosts: ['example.org'],
      policy: 'off',
    });
  });

  it.each([
    ['1h', 3_600_000],
    ['500ms', 500],
    ['0s', 0],
    ['1m30s', 90_000],
  ])('read the duration %s', (written, milliseconds) => {
    expect(parseSettings(`timeout: ${written}`).settings?.timeout).toBe(milliseconds);
  });

  it('read how long a host is kept', () => {
    expect(parseSettings('hostHold: 1h30m').settings?.hostHold).toBe(5_400_000);
  });

  it('take a part of a map, and the rest of it is as it is by default', () => {
    const { settings } = parseSettings('external: {strategy: nodePort}\nupgrade: {bake: 1m}');

    expect(settings).toEqual({
      ...defaultSettings,
      external: { ...defaultSettings.external, strategy: 'nodePort' },
      upgrade: { ...defaultSettings.upgrade, bake: 60_000 },
    });
  });
});

const REFUSED: Record<string, { text: string; findings: string[] }> = {
  'an unknown key, at the key': { text: 'area: x\ndomian: a.example.com', findings: ['FieldUnknown 2:1 domian'] },
  'an unknown key further in': {
    text: 'upgrade: {strategie: replace}',
    findings: ['FieldUnknown 1:11 upgrade.strategie'],
  },
  'a kind, which the file has none of': { text: 'kind: Settings', findings: ['FieldUnknown 1:1 kind'] },
  'an unknown key of Istio': { text: 'istio: {verison: "1.26"}', findings: ['FieldUnknown 1:9 istio.verison'] },
  'a wrong type': { text: 'timeout: 300', findings: ['TypeWrong 1:10 timeout'] },
  'a number where text is due': { text: 'istio: {version: 1.26}', findings: ['TypeWrong 1:18 istio.version'] },
  'a word that is none of the list': { text: 'environment: staging', findings: ['ValueWrong 1:14 environment'] },
  'a setting that namespaces do not have': {
    text: 'namespaceSettings: [area, gateway]',
    findings: ['ValueWrong 1:27 namespaceSettings[1]'],
  },
  'a duplicate key, at the second': { text: 'area: x\narea: y', findings: ['DuplicateKey 2:1'] },
  'a host template without the service': {
    text: "hostTemplate: '{namespace}.{domain}'",
    findings: ['ValueWrong 1:15 hostTemplate'],
  },
  'a host template without a dot, which Istio takes for a Service': {
    text: "hostTemplate: '{prefix}{service}'",
    findings: ['ValueWrong 1:15 hostTemplate'],
  },
  'a gateway without namespace': { text: 'gateway: ingressgateway', findings: ['ValueWrong 1:10 gateway'] },
  'a strategy that there is not': {
    text: 'external:\n  strategy: hostPort',
    findings: ['ValueWrong 2:13 external.strategy'],
  },
  'node ports of which none is within the range': {
    text: 'external:\n  strategy: nodePort\n  nodePortBase: 40000',
    findings: ['ValueWrong 3:17 external'],
  },
  'a range without room for ten node ports': {
    text: 'external: {strategy: nodePort, nodePortRange: 30000-30018}',
    findings: ['ValueWrong 1:47 external'],
  },
  'external services that are no names': {
    text: 'externalServices: ["*.org"]',
    findings: ['ValueWrong 1:20 externalServices[0]'],
  },
  'a hold of hosts without a unit': { text: 'hostHold: 300', findings: ['TypeWrong 1:11 hostHold'] },
  'a text that is no YAML': { text: 'domain: {a', findings: ['SyntaxWrong 1:11'] },
  'a list': { text: '- domain', findings: ['NotAMap 1:1'] },
  'a second document': { text: 'area: x\n---\narea: y', findings: ['SyntaxWrong 3:1'] },
  'several mistakes at once, in their order': {
    text: 'domain: A.example.com\nclusterDomain: 7\npolicy: strict',
    findings: ['ValueWrong 1:9 domain', 'TypeWrong 2:16 clusterDomain', 'ValueWrong 3:9 policy'],
  },
};

describe('settings that are refused', () => {
  it.each(Object.entries(REFUSED))('%s', (_, { text, findings }) => {
    const reading = parseSettings(text);

    expect(reading.findings.map(show)).toEqual(findings);
    expect(reading.settings).toBeUndefined();
  });

  it('say what to write', () => {
    expect(parseSettings('host_template: x').findings[0]?.fix).toBe('write `hostTemplate`');
    expect(parseSettings('policy: false').findings[0]?.fix).toBe("write 'off', in quotes");
    expect(parseSettings('SERVICE_DOMAIN: x').findings[0]?.found).toBe("but is cube-studio's name");
  });

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), mutated(WRITTEN_OUT)), text => {
        const { findings, settings } = parseSettings(text);
        expect(settings === undefined).toBe(findings.length > 0);
      }),
    );
  });
});

/** The text with a piece cut out and something else put in. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .record({ from: fc.nat(text.length), length: fc.nat(20), put: fc.string({ maxLength: 8 }) })
    .map(({ from, length, put }) => text.slice(0, from) + put + text.slice(from + length));
}
