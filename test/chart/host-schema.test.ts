import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { RESOURCES } from '../../kube/resources.ts';
import { HOST_CONDITIONS, MEMBER_STATES } from '../../shared/host.ts';

/** The definition as the chart renders it, and the type that the programs are written against. */

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly description?: string;
}

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly [{ readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }];
  };
}

const text = readFileSync(join(import.meta.dirname, 'golden/default.yaml'), 'utf8');
const definition = parseAllDocuments(text)
  .map(document => document.toJS() as Definition | null)
  .find(object => object?.kind === 'CustomResourceDefinition');
if (!definition) throw new Error('the chart renders no definition');
const [version] = definition.spec.versions;
const { spec = {}, status = {} } = version.schema.openAPIV3Schema.properties ?? {};

/** What a type of TypeScript says too: bounds, formats and words for people left out. */
function shapeOf({ type, properties, required = [], items, enum: words }: Schema): unknown {
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]) => [
      required.includes(name) ? name : `${name}?`,
      shapeOf(field),
    ]);
    return Object.fromEntries(fields);
  }
  if (items) return [shapeOf(items)];
  return words ? words.toSorted() : type;
}

const program = ts.createProgram([join(import.meta.dirname, '../../shared/host.ts')], {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
});
const checker = program.getTypeChecker();

function typeNamed(name: string): ts.Type {
  const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith('shared/host.ts'));
  const found = file?.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (!found) throw new Error(`no interface ${name}`);
  return checker.getTypeAtLocation(found);
}

/** In the same form. Every number of a Host is a whole one. */
function shapeOfType(type: ts.Type): unknown {
  if (type.flags & ts.TypeFlags.BooleanLike || isBoolean(type)) return 'boolean';
  if (type.isUnion()) return type.types.map(one => (one as ts.StringLiteralType).value).toSorted();
  if (type.flags & ts.TypeFlags.String) return 'string';
  if (type.flags & ts.TypeFlags.Number) return 'integer';
  const item = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
  if (item) return [shapeOfType(item)];
  const fields = checker.getPropertiesOfType(type).map(property => {
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const field = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    return [isOptional ? `${property.name}?` : property.name, shapeOfType(field)];
  });
  return Object.fromEntries(fields);
}

function isBoolean(type: ts.Type): boolean {
  return type.isUnion() && type.types.every(one => (one.flags & ts.TypeFlags.BooleanLiteral) !== 0);
}

/** Every field below, with its path. */
function fieldsOf(schema: Schema, path: string): readonly (readonly [path: string, field: Schema])[] {
  const below = schema.items?.properties ?? schema.properties ?? {};
  return Object.entries(below).flatMap(([name, field]) => [
    [`${path}.${name}`, field] as const,
    ...fieldsOf(field, `${path}.${name}`),
  ]);
}

const fields = [...fieldsOf(spec, 'spec'), ...fieldsOf(status, 'status')];

describe('the definition of the kind Host', () => {
  it('is of the resource that the programs ask for', () => {
    const { group, scope, names } = definition.spec;

    expect(definition.metadata.name).toBe(`${names.plural}.${group}`);
    expect({
      apiVersion: `${group}/${version.name}`,
      kind: names.kind,
      plural: names.plural,
      namespaced: scope === 'Namespaced',
    }).toEqual(RESOURCES.hosts);
  });

  it.each([
    ['HostSpec', spec],
    ['HostStatus', status],
  ])('has the fields of %s, neither more nor fewer, and asks for the same ones', (name, schema) => {
    expect(shapeOf(schema)).toEqual(shapeOfType(typeNamed(name)));
  });

  it('knows every state of a member and every condition', () => {
    const words = fields.flatMap(([, field]) => (field.enum ? [[...field.enum]] : []));

    expect(words).toContainEqual([...MEMBER_STATES]);
    expect(words).toContainEqual([...HOST_CONDITIONS]);
  });

  it('has times where a name says so, and nowhere else', () => {
    const times = fields.filter(([, { format }]) => format === 'date-time').map(([path]) => path);

    expect(times).toEqual(fields.map(([path]) => path).filter(path => /since$|\.at$|Time$/i.test(path)));
  });

  it('says in words what every field is for that does not say it by its name', () => {
    const selfExplaining = /\.(namespace|name|type|status)$/;

    const bare = fields.filter(([path, field]) => !field.description && !selfExplaining.test(path));

    expect(bare.map(([path]) => path)).toEqual([]);
  });
});
