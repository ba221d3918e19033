import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { annotated, deployment, mappingObject, service } from '../../test/support/ambassador-manifests.ts';
import { fileOf } from '../../test/support/command-line-manifests.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import { readManifests } from '../manifests.ts';
import { migrate } from './migration.ts';
import type { Migration } from './migration.ts';
import { deploymentFiles, printFiles } from './output.ts';

const options = {
  settings: { ...defaultSettings, ingressHost: 'models.example.com' },
  namespace: 'default',
  defaultDeployments: new Map(),
  ambassadorId: 'default',
};

const run = (input: string) => migrate(readManifests({ name: '-', text: input }), options);
const printed = ({ deployments }: Migration) => printFiles(deploymentFiles(deployments), false);

const field = fc.constantFrom(
  'service: web-a:8080',
  'service: web-b:8080  # the other',
  'service: nobody',
  'service: httpbin.org',
  'service: web-a.other:80',
  'rewrite: /v1/',
  "rewrite: ''",
  'method: POST',
  'timeout_ms: 500',
  'precedence: 2',
  'hostname: shop.example.com',
  'bypass_auth: true',
  'use_websocket: yes',
  '# a comment',
  'headers: {x-version: "2"}',
  'unknown: 1',
);
const lines = fc.uniqueArray(field, { maxLength: 4, selector: line => line.split(':')[0] });
const name = fc.constantFrom('one', 'two', 'three_3', 'n');
const prefix = fc.constantFrom('/', '/a/', '/a/b', '/c');

const onService = fc
  .tuple(
    fc.constantFrom('shop/web-a', 'shop/web-b', 'other/web-a'),
    fc.array(fc.tuple(name, prefix, lines), { maxLength: 3 }),
  )
  .map(([on, mappings]) =>
    annotated(
      on,
      mappings.flatMap(([its, path, more], index) => [
        ...(index === 0 ? [] : ['---']),
        'apiVersion: getambassador.io/v3alpha1',
        'kind: Mapping',
        `name: '${its}'`,
        `prefix: ${path}`,
        ...more,
      ]),
    ),
  );
const ofItsOwn = fc
  .tuple(fc.constantFrom('shop', 'other'), name, prefix, lines)
  .map(([namespace, its, path, more]) =>
    mappingObject(`${namespace}/${its.replace('_', '-')}`, [`prefix: ${path}`, ...more]),
  );
const input = fc
  .tuple(
    fc.uniqueArray(onService, { maxLength: 3, selector: text => /name: (.*)\n {2}namespace: (.*)\n/.exec(text)?.[0] }),
    fc.array(ofItsOwn, { maxLength: 4 }),
  )
  .map(([services, objects]) => {
    const missing = ['shop/web-a', 'shop/web-b', 'other/web-a'].filter(
      full =>
        !services.some(text =>
          text.includes(`  name: ${full.split('/')[1] ?? ''}\n  namespace: ${full.split('/')[0] ?? ''}\n`),
        ),
    );
    return fileOf(
      ...services,
      ...objects,
      ...missing.map(service),
      deployment('shop/a-1', 'web-a'),
      deployment('shop/b-1', 'web-b'),
      deployment('other/c-1', 'web-a'),
    );
  });

/** How many there are. */
function mappingsIn(text: string): number {
  return (text.match(/kind: Mapping/g) ?? []).length;
}

describe('whatever is given', () => {
  it('every Mapping is in the output or in the report, and never in both', () => {
    let moved = 0;
    let left = 0;
    fc.assert(
      fc.property(input, text => {
        const migration = run(text);

        const told = migration.entries.filter(({ ref, outcome }) => ref.kind === 'Mapping' && outcome !== 'note');
        expect(told).toHaveLength(mappingsIn(text));
        const went = told.filter(({ outcome }) => outcome === 'moved');
        expect(mappingsIn(printed(migration))).toBe(went.length);
        expect(told.filter(({ outcome, fix }) => outcome === 'left' && (fix ?? '') === '')).toEqual([]);
        moved += went.length;
        left += told.length - went.length;
      }),
      { numRuns: 60 },
    );

    // Otherwise the law would say little.
    expect(moved).toBeGreaterThan(20);
    expect(left).toBeGreaterThan(20);
  });

  it('the output given again is left as it is, with and without the input', () => {
    fc.assert(
      fc.property(input, text => {
        const once = printed(run(text));

        const again = run(once);

        expect(printed(again)).toBe(once);
        const withoutDeployments = text.split('---\n').filter(part => !part.includes('kind: Deployment'));
        const beside = run(fileOf(...withoutDeployments, ...everyDeployment(once)));
        expect(printed(beside)).toBe(once);
        expect(beside.entries.filter(({ outcome }) => outcome === 'moved')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('what is put out has no error of its own', () => {
    fc.assert(
      fc.property(input, text => {
        const again = run(printed(run(text)));

        expect(again.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** Also those that nothing has come to, which the output leaves out. */
function everyDeployment(output: string): readonly string[] {
  const there = parseAllDocuments(output).map(document => {
    const value = document.toJS() as { metadata?: { namespace: string; name: string } } | null;
    return `${value?.metadata?.namespace ?? ''}/${value?.metadata?.name ?? ''}`;
  });
  const all = { 'shop/a-1': 'web-a', 'shop/b-1': 'web-b', 'other/c-1': 'web-a' };
  const others = Object.entries(all).filter(([full]) => !there.includes(full));
  return [output.replace(/^---\n/, ''), ...others.map(([full, app]) => deployment(full, app))].filter(
    text => text !== '',
  );
}
