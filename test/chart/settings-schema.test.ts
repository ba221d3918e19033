import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseSettings } from '../../shared/settings-file.ts';

const file = join(import.meta.dirname, '..', '..', 'charts', 'waymark', 'values.schema.json');
// What helm validates with: formats are not its business, and unknown words in a schema are none either.
const accepts = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(file, 'utf8')) as object);

/** What the programs refuse at start is refused by `helm install` already, and what they take it takes. */
describe('the schema of the settings judges as the programs do', () => {
  it.each([
    'external: {}',
    'external: {strategy: loadBalancer, byDefault: true}',
    'external: {strategy: nodePort, nodePortBase: 30500, nodePortRange: 30000-32000}',
    'external: {ips: [203.0.113.10], allowedIPs: [198.51.100.0/24, "2001:db8::/64"]}',
    'external: {basePort: 0}',
    'modelPrefix: ""',
    'modelPrefix: /v1/{model}/',
    'modelPrefix: /v1/m-{model}/x/',
    'metricCatalog: {}',
    'metricCatalog: {qps: {type: Pods, metric: http_requests, target: AverageValue, selector: {route: "{name}"}}}',
    'metricCatalog: {queue: {type: External, metric: depth, target: Value}}',
    'metricCatalog: {hits: {type: Object, metric: hits, target: Value, describedObject: {apiVersion: v1, kind: Service, name: "{name}"}}}',
    'metricCatalog: {disk: {type: Resource, resource: ephemeral-storage, target: AverageValue}}',
    'metricCatalog: {main-cpu: {type: ContainerResource, resource: cpu, container: main, target: Utilization}}',
    'upgrade: {strategy: coexist, bake: 5s, drain: 0s}',
  ])('takes %s', text => {
    expect(parseSettings(text).findings).toEqual([]);
    expect(accepts({ settings: parse(text) as unknown })).toBe(true);
  });

  it.each([
    'external: {strategy: hostPort}',
    'external: {stratgy: none}',
    'external: {byDefault: "true"}',
    'external: {basePort: 65530}',
    'external: {nodePortRange: 30000}',
    'external: [none]',
    'modelPrefix: /models/',
    'modelPrefix: models/{model}/',
    'modelPrefix: /models/{model}',
    'metricCatalog: [gpu]',
    'metricCatalog: {cpu: {type: Resource, resource: cpu, target: Utilization}}',
    'metricCatalog: {Q_ps: {type: Pods, metric: x, target: AverageValue}}',
    'metricCatalog: {qps: {metric: x, target: AverageValue}}',
    'metricCatalog: {qps: {type: Pods, target: AverageValue}}',
    'metricCatalog: {qps: {type: Pods, metric: x}}',
    'metricCatalog: {qps: {type: Pods, metric: x, target: Value}}',
    'metricCatalog: {qps: {type: Pods, metric: x, target: AverageValue, resource: cpu}}',
    'metricCatalog: {qps: {type: Objects, metric: x, target: Value}}',
    'metricCatalog: {hits: {type: Object, metric: hits, target: Value}}',
    'metricCatalog: {hits: {type: Object, metric: hits, target: Value, describedObject: {kind: Service, name: x}}}',
    'metricCatalog: {disk: {type: Resource, resource: cpu, target: Value}}',
    'metricCatalog: {qps: Pods}',
    'upgrade: {strategy: canary}',
    'upgrade: {bake: 5}',
  ])('refuses %s', text => {
    expect(parseSettings(text).settings).toBeUndefined();
    expect(accepts({ settings: parse(text) as unknown })).toBe(false);
  });
});
