import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VARIABLE_NAMES } from '../shared/inject/variables.ts';
import { CONFIG, CONTEXT, acceptAnswer, deployment, patchedObject, reviewOf } from '../test/support/reviews.ts';
import { readJson } from './json-text.ts';
import { isAskedFor } from './managed-fields.ts';
import { review } from './review.ts';

type Json = Readonly<Record<string, unknown>>;

/** An entry as the API server writes it for one manager of some variables. */
function entryOf(operation: string, names: readonly string[]): Json {
  const env = Object.fromEntries(names.map(name => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, 'f:value': {} }]));
  const fields = {
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"server"}': { 'f:env': env } } } } },
  };
  return { manager: 'm', operation, apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: fields };
}

const entry = fc
  .record({
    operation: fc.constantFrom('Apply', 'Update'),
    names: fc.subarray(['KUBEFLOW_ENV', 'K8S_POD_IP', 'LOG_LEVEL']),
  })
  .map(({ operation, names }) => entryOf(operation, names));

describe('managed fields', () => {
  it.each([
    ['who applies one of our variables', 'Apply', ['K8S_POD_IP'], true],
    ['who updates one of them', 'Update', ['K8S_POD_IP'], false],
    ['who applies other fields', 'Apply', ['LOG_LEVEL'], false],
  ])('are asked for where they tell %s', (_, operation, names, asked) => {
    const bytes = Buffer.from(JSON.stringify(entryOf(operation, names)));

    expect(isAskedFor(bytes)).toBe(asked);
  });

  it.each(VARIABLE_NAMES)('are asked for %s', name => {
    expect(isAskedFor(Buffer.from(JSON.stringify(entryOf('Apply', [name]))))).toBe(true);
  });

  it('that nobody asks for are read as null, and all else as it is written', () => {
    const fields = fc.array(fc.oneof(entry, fc.jsonValue({ maxDepth: 3 })), { maxLength: 4 });
    const elsewhere = fc.dictionary(fc.constantFrom('managedFields', 'metadata', 'a'), fc.jsonValue({ maxDepth: 6 }));
    fc.assert(
      fc.property(fields, fields, elsewhere, (fields, oldFields, other) => {
        const written = {
          other,
          request: {
            object: { other, metadata: { a: 'é"managedFields":[{', managedFields: fields, name: 'a' } },
            oldObject: { metadata: { managedFields: oldFields } },
          },
        };
        const text = JSON.stringify(written);
        fc.pre(!text.includes('__proto__'));

        const { value, mistake } = readJson(Buffer.from(text));

        const read = value as typeof written;
        expect(mistake).toBeUndefined();
        expect(read.other).toEqual(JSON.parse(JSON.stringify(other)));
        expect(read.request.object.metadata).toEqual({
          ...written.request.object.metadata,
          managedFields: left(fields),
        });
        expect(read.request.oldObject.metadata.managedFields).toEqual(left(oldFields));
      }),
    );
  });

  it('that are left out change no answer', () => {
    const created = deployment();
    const answer = review('mutate', Buffer.from(JSON.stringify(reviewOf(created))), CONTEXT);
    const stored = patchedObject(created, acceptAnswer('mutate', answer.body));
    const changed = withText(stored, `${CONFIG}area: north\n`);
    const object = fc.constantFrom(stored, changed);
    const fields = fc.array(entry, { maxLength: 3 });
    const results = new Set<string>();
    fc.assert(
      fc.property(object, fields, fields, (object, now, then) => {
        const oldObject = withFields(stored, then);
        const asked = reviewOf(withFields(object, now), { operation: 'UPDATE', oldObject });

        const answer = review('mutate', Buffer.from(JSON.stringify(asked)), CONTEXT);

        // With a space after the colon nothing is left out.
        expect(answer).toEqual(review('mutate', Buffer.from(JSON.stringify(asked, null, 1)), CONTEXT));
        results.add(answer.body);
      }),
    );
    expect(results.size).toBeGreaterThan(2);
  });
});

function withText(object: Json, text: string): Json {
  const metadata = object['metadata'] as Json & { readonly annotations: Json };
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, 'waymark.dev/config': text } } };
}

function withFields(object: Json, managedFields: readonly unknown[]): Json {
  return { ...object, metadata: { ...(object['metadata'] as Json), managedFields } };
}

/** What is left of them once those are left out that nobody asks for. */
function left(fields: readonly unknown[]): unknown {
  const written = JSON.parse(JSON.stringify(fields)) as readonly unknown[];
  return written.map(one => (isEntry(one) && !isAskedFor(Buffer.from(JSON.stringify(one))) ? null : one));
}

function isEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
