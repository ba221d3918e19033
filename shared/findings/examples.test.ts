import { describe, expect, it } from '@jest/globals';
import { context, mapping, namespace, readText, service } from '../../test/support/readings.ts';
import type { ReadContext } from '../read.ts';
import { CATALOGUE } from './catalogue.ts';
import type { CatalogueRow } from './catalogue.ts';
import { nameOf } from './finding.ts';

/** Examples that are about another object than the annotation, or too long to be printed. */
const IN_WORDS = new Set([
  'AnnotationTooLarge',
  'TooManyDocuments',
  'BothAnnotations',
  'AnnotationUnknown',
  'AnnotationValueWrong',
  'TooLong',
  'NamespaceSettingWrong',
  'NamespaceSettingUnknown',
  'NameTooLong',
  'ServiceNameIllegal',
  'PortNotTcp',
  'PortMissing',
  'NoService',
  'MetricWithoutRequest',
  'MetricWithoutGpu',
  'ExternalPorts',
  'BuiltInHostTooLong',
  'RouteNowhere',
  'TargetNotPermitted',
  // Nothing is found so any more: every field is built, ignored or refused.
  'NotSupportedYet',
]);

const ROWS = CATALOGUE.filter(({ code, name }) => code < 'WM100' && !IN_WORDS.has(name));

const { external } = context().settings;

const WORLDS: Record<string, ReadContext> = {
  ExternalAddressNotAllowed: context({ external: { ...external, allowedIPs: ['203.0.113.0/24'] } }),
  ExternalPortRange: context({ external: { ...external, strategy: 'nodePort' } }),
  TypeNotAllowed: context({ types: ['tfserving'] }),
  HostNotAllowed: context({}, namespace('shop', { 'waymark.dev/allowed-hosts': 'team.example.com' })),
  ServiceExternal: context({}, namespace('tools', { 'waymark.dev/allow-traffic-from': 'shop' })),
  ConnectionsForeign: context({}, namespace('tools', { 'waymark.dev/allow-traffic-from': 'shop' })),
};

/** Whole documents as they are; single fields laid over a good document of the kind that the row is about. */
function textOf({ code, name }: CatalogueRow, example: string): string {
  if (/^(?:apiVersion|---|#)|^\w+$/.test(example)) return example;
  const aboutMapping = (code >= 'WM070' && code < 'WM100') || name === 'FieldRefused' || name === 'FieldIgnored';
  const [first = '', ...others] = example.split('\n---\n');
  const base = aboutMapping ? mapping('service: web') : service();
  const documents = [overlay(base, first), ...others.map(other => overlay(mapping(), other))];
  return name === 'MappingRepeated' && others.length === 0
    ? `${documents.join('')}---\n${overlay(base, first)}`
    : documents.join('---\n');
}

function overlay(base: string, fragment: string): string {
  const keys = new Set(fragment.split('\n').map(line => line.split(':')[0]));
  const kept = base.split('\n').filter(line => line !== '' && !keys.has(line.split(':')[0]));
  return `${[...kept, fragment].join('\n')}\n`;
}

describe('the examples of the catalogue', () => {
  it.each(ROWS.map(row => [row.name, row] as const))('%s: the bad one is found, the good one is not', (name, row) => {
    const found = (example: string) => {
      const { findings, naming } = readText(textOf(row, example), WORLDS[name] ?? context());
      return [...findings, ...naming].map(nameOf);
    };

    expect(found(row.bad)).toContain(name);
    expect(found(row.good)).not.toContain(name);
  });
});
