import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { finding, fieldSite, siteInAnnotation, sortFindings } from './finding.ts';
import type { Finding } from './finding.ts';
import { auditValue, denialMessage, eventMessage, fieldPath, findingLine, warningText } from './format.ts';

const object = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const text = 'apiVersion: waymark.dev/v1\nkind: InferenceService\nenvironment: staging\n';

function wrongEnvironment(found = "but is 'staging'"): Finding {
  const start = text.indexOf('staging');
  return finding('ValueWrong', {
    object,
    site: siteInAnnotation('waymark.dev/config', text, { start, end: start + 7 }),
    path: 'environment',
    must: "must be one of 'prod', 'test', 'debug'",
    found,
    fix: 'write `environment: test`',
  });
}

function folded(): Finding {
  return finding('HostFolded', {
    object,
    site: fieldSite('metadata', 'name'),
    must: 'must be lower case',
    fix: 'write it so',
  });
}

describe('a finding in one line', () => {
  it('says code, place, rule, what was found and the fix', () => {
    expect(findingLine(wrongEnvironment())).toBe(
      "WM027 waymark.dev/config 3:14: `environment` must be one of 'prod', 'test', 'debug', but is 'staging'; fix: write `environment: test`",
    );
  });

  it('names the other place of a conflict', () => {
    const line = findingLine({
      ...wrongEnvironment(),
      related: [{ object, site: fieldSite('metadata', 'name'), message: 'compare' }],
    });

    expect(line).toContain('(compare: Deployment shop/web metadata.name)');
  });

  it.each([
    [['metadata', 'name'], 'metadata.name'],
    [['metadata', 'annotations', 'waymark.dev/confg'], "metadata.annotations['waymark.dev/confg']"],
    [['spec', 'containers', 0, 'env'], 'spec.containers[0].env'],
  ])('writes the path %j as %s', (path, expected) => {
    expect(fieldPath(path)).toBe(expected);
  });
});

describe('a denial', () => {
  it('is a head line and one line for each error, without the warnings', () => {
    const lines = denialMessage([folded(), wrongEnvironment(), wrongEnvironment()]).split('\n');

    expect(lines).toEqual([
      'Deployment shop/web is refused by Waymark, 2 findings:',
      findingLine(wrongEnvironment()),
      findingLine(wrongEnvironment()),
    ]);
  });

  it('counts what does not fit', () => {
    const lines = denialMessage(Array.from({ length: 5000 }, () => wrongEnvironment())).split('\n');

    expect(lines).toHaveLength(42);
    expect(lines.at(-1)).toBe('and 4960 more; `waymark lint` shows them all');
  });

  it('shows the first finding, however long the name of the object is', () => {
    const one = { ...wrongEnvironment(), object: { ...object, name: 'n'.repeat(1_000_000) } };

    const lines = denialMessage([one]).split('\n');

    expect(lines[0]).toMatch(/^Deployment shop\/n{380,400}… is refused by Waymark, 1 finding:$/);
    expect(lines[1]).toBe(findingLine(one));
  });

  it('is empty where nothing is an error', () => {
    expect(denialMessage([folded()])).toBe('');
  });
});

describe('lines for others to show', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 3000 });

  it('never hold what breaks, hides or reorders a line, and keep their limits (S-01)', () => {
    fc.assert(
      fc.property(anyText, anyText, (found, name) => {
        const one = { ...wrongEnvironment(found), object: { ...object, name: name.slice(0, 300) } };
        for (const line of [
          warningText(one),
          eventMessage(one),
          auditValue([one]),
          ...denialMessage([one]).split('\n'),
        ]) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        }
        expect(Array.from(warningText(one)).length).toBeLessThanOrEqual(256);
        expect(Buffer.byteLength(eventMessage(one))).toBeLessThanOrEqual(1024);
        expect(denialMessage(Array.from({ length: 60 }, () => one)).length).toBeLessThan(17_000);
      }),
    );
  });

  it('are cut between characters, never inside one', () => {
    const long = wrongEnvironment('😀'.repeat(600));

    expect(warningText(long)).toMatch(/😀…$/u);
    expect(eventMessage(long)).toMatch(/😀…$/u);
  });

  it('put errors first into the audit annotation', () => {
    expect(auditValue([folded(), wrongEnvironment()])).toBe(
      'WM027 ValueWrong waymark.dev/config 3:14, WM055 HostFolded metadata.name',
    );
  });
});

describe('the order of findings', () => {
  it('is by object, then the fields of the object, then the text, and otherwise as given', () => {
    const other = { ...wrongEnvironment(), object: { ...object, name: 'api' } };
    const twin = { ...wrongEnvironment(), found: 'twin' };

    expect(sortFindings([wrongEnvironment(), twin, folded(), other])).toEqual([
      other,
      folded(),
      wrongEnvironment(),
      twin,
    ]);
  });
});
