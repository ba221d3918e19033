import { describe, expect, it } from '@jest/globals';
import { deployment } from '../../test/support/deployments.ts';
import { brief, context } from '../../test/support/readings.ts';
import { admit } from '../admit.ts';
import type { Namespace } from '../snapshot.ts';

type Fields = Readonly<Record<string, string>>;

function text(fields: Fields): string {
  const lines = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  return `apiVersion: waymark.dev/v1\nkind: InferenceService\n${lines.join('')}`;
}

const FIRST = { type: 'vllm', model: 'chat-7b', version: 'v2024.05.01' };

/** What an update from one identity to the other, under one name, says; nothing else is wrong. */
function change(name: string, before: Fields, after: Fields) {
  const [old, object] = [before, after].map(fields => deployment(`shop/${name}`, { config: text(fields) }));
  if (!old || !object) throw new Error('both are there');
  const namespaces = new Map<string, Namespace>();
  return admit({ operation: 'UPDATE', object, oldObject: old, settings: context().settings, namespaces }).findings;
}

describe('a change of identity under one name (R-05)', () => {
  const NAME = 'vllm-chat-7b-20240501';

  it.each<[string, string, Fields, Fields, readonly string[]]>([
    [
      'the same digits in another version',
      NAME,
      FIRST,
      { ...FIRST, version: 'v2024.0501' },
      ['VersionCollision 5:10 version'],
    ],
    [
      'a part of the type that goes to the model, at the field that is written first',
      NAME,
      FIRST,
      { type: 'vllm-chat', model: '7b', version: 'v2024.05.01' },
      ['VersionCollision 4:8 model'],
    ],
    [
      'a part of the model that goes to the version',
      'serving-a-1-23',
      { type: 'serving', model: 'a-1', version: 'v23' },
      { type: 'serving-a', model: "'1'", version: 'v2.3' },
      ['VersionCollision 5:10 version'],
    ],
    [
      'a prefix that was the type',
      'test-serving-web-1',
      { type: 'serving', model: 'web', version: 'v1', environment: 'test' },
      { type: 'test-serving', model: 'web', version: 'v1', environment: 'prod' },
      ['VersionCollision 3:7 type'],
    ],
    [
      'other digits, which make another name',
      NAME,
      FIRST,
      { ...FIRST, version: 'v2024.05.02' },
      ['NameMismatch metadata.name'],
    ],
    ['another model', NAME, FIRST, { ...FIRST, model: 'chat-13b' }, ['NameMismatch metadata.name']],
    ['another field', NAME, FIRST, { ...FIRST, area: 'shanghai' }, []],
    ['the environment that it had anyway', NAME, FIRST, { ...FIRST, environment: 'prod' }, []],
  ])('%s', (_, name, before, after, findings) => {
    expect(change(name, before, after).map(brief)).toEqual(findings);
  });

  it('names the one that has the name', () => {
    const [version] = change(NAME, FIRST, { ...FIRST, version: 'v2024.0501' });
    const [type] = change(NAME, FIRST, { ...FIRST, type: 'vllm-chat', model: '7b' });

    expect(version?.must).toBe("must stay 'v2024.05.01', which has this name already");
    expect(type?.must).toContain("type 'vllm', model 'chat-7b', version 'v2024.05.01' in prod");
    expect(type?.fix).toContain('write `model: chat-7b` and `type: vllm`');
  });
});
