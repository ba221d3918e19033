import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parse, parseDocument, stringify } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';
import { defaultSettings, parseSettings } from '../../shared/settings-file.ts';

const CHART = join(import.meta.dirname, '..', '..', 'charts', 'waymark');
const text = readFileSync(join(CHART, 'values.yaml'), 'utf8');
const values = parse(text) as Record<string, unknown>;
const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

describe('the chart’s values', () => {
  it('have the settings that the programs have by default, so that an install without values is no surprise', () => {
    const parsed = parseSettings(stringify(values['settings']), 'values.yaml');

    expect(parsed).toEqual({ findings: [], settings: defaultSettings });
  });

  it('say in a comment what every key is for, or stand under a key that does', () => {
    const document = parseDocument(text);

    expect(isMap(document.contents) ? uncommented(document.contents, '') : ['no map']).toEqual([]);
  });

  it('are all known to the schema', () => {
    expect(unknownKeys(values, schema, '')).toEqual([]);
  });
});

describe('the schema of the values', () => {
  it('refuses unknown keys in every map', () => {
    expect(openMaps(schema, '').filter(path => path !== '.global')).toEqual([]);
  });
});

/** Keys of maps that are passed on to Kubernetes as they are, or are one setting of several words. */
const SELF_EXPLAINING =
  /\.(resources(\.\w+)*|nodeSelector|tolerations|podAnnotations|podLabels|metricCatalog\..*|istio|replicas)$|^\.(image|webhook|controller|networkPolicy)$/;

function uncommented(map: YAMLMap, path: string): string[] {
  return map.items.flatMap((pair: Pair, index) => {
    if (!isScalar(pair.key)) return [`${path}: a key that is no scalar`];
    const here = `${path}.${String(pair.key.value)}`;
    // The comment above the first key of a map is the parser's for the map.
    const comment = pair.key.commentBefore ?? (index === 0 ? map.commentBefore : undefined);
    const own = comment === undefined && !SELF_EXPLAINING.test(here) ? [here] : [];
    return [...own, ...(isMap(pair.value) ? uncommented(pair.value, here) : [])];
  });
}

function unknownKeys(value: unknown, known: Schema, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const rest = typeof known.additionalProperties === 'object' ? known.additionalProperties : undefined;
    const next = known.properties?.[key] ?? rest;
    return next === undefined ? [`${path}.${key}`] : unknownKeys(entry, next, `${path}.${key}`);
  });
}

function openMaps(part: Schema, path: string): string[] {
  const isOpen = part.type === 'object' && (part.additionalProperties ?? true) === true;
  const below = Object.entries(part.properties ?? {}).flatMap(([key, next]) => openMaps(next, `${path}.${key}`));
  const items = part.items === undefined ? [] : openMaps(part.items, `${path}[]`);
  const rest = typeof part.additionalProperties === 'object' ? openMaps(part.additionalProperties, `${path}.*`) : [];
  return [...(isOpen ? [path] : []), ...below, ...items, ...rest];
}
