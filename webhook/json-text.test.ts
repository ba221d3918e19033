import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from './json-text.ts';

const MIB = 1024 * 1024;

describe('JSON as an enemy may have written it', () => {
  const mistakes: Record<string, { body: string | Buffer; mistake: string | undefined }> = {
    'an object is read': { body: '{"a":[1,{"b":null}]}', mistake: undefined },
    'one key in two objects is read': { body: '[{"a":1},{"a":1}]', mistake: undefined },
    'colons, braces and quotes inside strings count for nothing': {
      body: String.raw`{"a\":{":"}:\\","b":"[[[[\\\""}`,
      mistake: undefined,
    },
    'characters outside ASCII are read': { body: '{"ключ":"значение 🚀"}', mistake: undefined },
    'nothing at all': { body: '', mistake: 'must be an AdmissionReview, but is empty' },
    'no JSON': { body: 'apiVersion: v1', mistake: 'must be JSON, and is not' },
    'JSON that stops': { body: '{"a":', mistake: 'must be JSON, and is not' },
    'JSON that goes on': { body: '{}{}', mistake: 'must be JSON, and is not' },
    'a byte order mark': { body: '\uFEFF{}', mistake: 'must be JSON, and is not' },
    'S-06: a key twice': { body: '{"a":{"uid":1,"uid":2}}', mistake: 'must not hold a key twice in one object' },
    'S-06: a key twice, once escaped': {
      body: String.raw`{"a":1,"\u0061":2}`,
      mistake: 'must not hold a key twice in one object',
    },
    'S-06: a key that reaches a prototype': {
      body: '{"a":{"__proto__":{}}}',
      mistake: "must not hold the key '__proto__'",
    },
    'S-06: the same, escaped': { body: String.raw`{"\u005f_proto__":1}`, mistake: "must not hold the key '__proto__'" },
    'a name that every object has is a key like any other': {
      body: '{"constructor":"a","toString":"b"}',
      mistake: undefined,
    },
    'S-06: 65 levels': { body: '['.repeat(65) + ']'.repeat(65), mistake: 'must be at most 64 levels deep' },
    '64 levels are read': { body: '['.repeat(64) + ']'.repeat(64), mistake: undefined },
    'S-06: 1.5 million levels': {
      body: '['.repeat(1.5 * MIB) + ']'.repeat(1.5 * MIB),
      mistake: 'must be at most 64 levels deep',
    },
    'S-06: 3 million levels that never close': { body: '['.repeat(3 * MIB), mistake: 'must be JSON, and is not' },
    'S-06: many places that are too deep': {
      body: `[${Array.from({ length: 10_000 }, () => '['.repeat(70) + ']'.repeat(70)).join(',')}]`,
      mistake: 'must be at most 64 levels deep',
    },
    'S-06: too deep, and closed by the wrong bracket': {
      body: '['.repeat(70) + '}'.repeat(70),
      mistake: 'must be JSON, and is not',
    },
    'a byte that is no UTF-8, with its place': {
      body: Buffer.from('{"é":"\xff"}', 'latin1'),
      mistake: 'must be UTF-8, but byte 2 is not',
    },
    'a surrogate half, as CESU writes it': {
      body: Buffer.concat([Buffer.from('{"�":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      mistake: 'must be UTF-8, but byte 8 is not',
    },
    'a character cut off at the end': {
      body: Buffer.from([0x22, 0xe2, 0x82]),
      mistake: 'must be UTF-8, but byte 1 is not',
    },
  };

  it.each(Object.entries(mistakes))('%s', (_, { body, mistake }) => {
    const begin = performance.now();
    const got = readJson(Buffer.from(body));

    expect(got.mistake).toBe(mistake);
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  it('hands out a value that can be read in spite of the mistake', () => {
    const body = Buffer.concat([Buffer.from('{"uid":"a","text":"'), Buffer.from([0xff]), Buffer.from('"}')]);

    expect(readJson(body)).toMatchObject({ value: { uid: 'a' }, mistake: 'must be UTF-8, but byte 19 is not' });
  });

  it('hands out what lies beside a part that is too deep', () => {
    const body = Buffer.from(`{"uid":"é","object":${'['.repeat(100)}"]["${']'.repeat(100)},"name":"b"}`);

    expect(readJson(body).value).toMatchObject({ uid: 'é', name: 'b' });
  });

  it.each([
    [
      'an entry of managed fields that is 70 levels deep',
      `{"x":${'['.repeat(70)}${']'.repeat(70)}}`,
      'must be at most 64 levels deep',
    ],
    ['one that is no UTF-8', '{"x":"\xff"}', 'must be UTF-8, but byte 57 is not'],
    ['a key twice beside them', '{}],"managedFields":[{}', 'must not hold a key twice in one object'],
  ])('S-06: %s is found, though it is not read', (_, entry, mistake) => {
    const body = Buffer.from(`{"request":{"object":{"metadata":{"managedFields":[${entry}]}}}}`, 'latin1');

    expect(readJson(body)).toEqual({
      value: { request: { object: { metadata: { managedFields: [null] } } } },
      mistake,
    });
  });

  it('is not fooled by an end in the middle of anything', () => {
    const body = Buffer.from(
      '{"request":{"object":{"metadata":{"managedFields":[{"a":[{"b":"c"}]},{"d":1}],"name":"é"}}}}',
    );

    for (let end = 1; end < body.length; end++) {
      expect(readJson(body.subarray(0, end)).mistake).toMatch(/^must be JSON, and is not$|^must be UTF-8/);
    }
    expect(readJson(body).mistake).toBeUndefined();
  });

  it('agrees with JSON.parse about every JSON value that has no key twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const text = JSON.stringify(value, null, space);

        expect(readJson(Buffer.from(text))).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  it('never throws, and never has neither a value nor a mistake', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const got = readJson(Buffer.from(bytes));

        expect('value' in got || got.mistake !== undefined).toBe(true);
      }),
    );
  });

  it('finds every key that is written twice', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }), object => {
        fc.pre(!JSON.stringify(object).includes('__proto__'));
        const members = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
        const text = `{${[...members, members[0]].join(',')}}`;

        expect(readJson(Buffer.from(text)).mistake).toBe('must not hold a key twice in one object');
      }),
    );
  });
});
