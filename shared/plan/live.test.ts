import { describe, expect, it } from '@jest/globals';
import { underPrefix } from '../request-match.ts';
import type { ExistingObject, OwnerReference } from '../snapshot.ts';
import { deploymentsOf, groupOf, isOurs, liveEntries } from './live.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'waymark' };

function owner(parts: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'w-1', controller: true, ...parts };
}

function existing(
  parts: Partial<ExistingObject['metadata']> & Pick<Partial<ExistingObject>, 'kind' | 'spec'>,
): ExistingObject {
  const { kind = 'Service', spec, ...metadata } = parts;
  return { apiVersion: 'v1', kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, spec };
}

const WEB = { namespace: 'shop', name: 'web', uid: 'w-1' };
const OFFLINE = { namespace: 'shop', name: 'web' };

describe('a live object', () => {
  it.each<[string, ExistingObject, Parameters<typeof isOurs>[1], boolean]>([
    ['with our label and the uid is ours', existing({ labels: OURS, ownerReferences: [owner()] }), WEB, true],
    ['without our label is not', existing({ ownerReferences: [owner()] }), WEB, false],
    ['of another uid is not', existing({ labels: OURS, ownerReferences: [owner({ uid: 'w-0' })] }), WEB, false],
    ['of nobody is not where it must be owned', existing({ labels: OURS }), WEB, false],
    [
      'of an owner that does not control it is not',
      existing({ labels: OURS, ownerReferences: [owner({ controller: false })] }),
      WEB,
      false,
    ],
    ['of nobody is ours where it must be nobody\u2019s', existing({ labels: OURS }), undefined, true],
    [
      'of somebody is not where it must be nobody\u2019s',
      existing({ labels: OURS, ownerReferences: [owner()] }),
      undefined,
      false,
    ],
    ['of the same name is ours offline', existing({ labels: OURS, ownerReferences: [owner()] }), OFFLINE, true],
    [
      'of another name is not, offline',
      existing({ labels: OURS, ownerReferences: [owner({ name: 'x' })] }),
      OFFLINE,
      false,
    ],
  ])('%s', (_, object, by, expected) => {
    expect(isOurs(object, by)).toBe(expected);
  });

  it.each<[string, ExistingObject, string | undefined]>([
    [
      'belongs to the group of its owner',
      existing({ labels: OURS, ownerReferences: [owner()] }),
      'Deployment/shop/web',
    ],
    ['without our label belongs to none', existing({ ownerReferences: [owner()] }), undefined],
    [
      'of another kind of owner belongs to none',
      existing({ labels: OURS, ownerReferences: [owner({ kind: 'Job' })] }),
      undefined,
    ],
    ['of a host belongs to it', virtualService('a.example.com', ['a.example.com']), 'Host/a.example.com'],
    ['of a host of one label belongs to it', virtualService('gateway.0', ['gateway']), 'Host/gateway'],
    ['of a host under another name belongs to none', virtualService('mine', ['a.example.com']), undefined],
    ['without hosts belongs to none', virtualService('a.example.com', []), undefined],
    ['without a spec belongs to none', existing({ kind: 'VirtualService', labels: OURS }), undefined],
    ['of no owner and another kind belongs to none', existing({ labels: OURS }), undefined],
  ])('%s', (_, object, expected) => {
    expect(groupOf(object)).toBe(expected);
  });
});

function virtualService(name: string, hosts: readonly string[], http?: unknown): ExistingObject {
  return existing({ kind: 'VirtualService', name, labels: OURS, spec: { hosts, ...(http !== undefined && { http }) } });
}

describe('the entries of a live VirtualService', () => {
  const named = (name: unknown) => ({ name, route: [] });

  it.each<[string, unknown, readonly string[]]>([
    ['are known by their names', [named('shop/web/one'), named('shop/cart/two')], ['shop/cart', 'shop/web']],
    ['may have slashes in the name of the route', [named('shop/web/a/b')], ['shop/web']],
    ['of other names are not ours', [named('web'), named('shop/web'), named('//x'), named(7), {}], []],
    ['may be no list', { name: 'shop/web/one' }, []],
    ['may hold what is no entry', [null, 'shop/web/one', []], []],
    ['may be missing', undefined, []],
  ])('%s', (_, http, expected) => {
    const refs = deploymentsOf(virtualService('a.example.com', ['a.example.com'], http));

    expect(refs.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(expected);
  });

  it('tell what they match', () => {
    const match = [{ uri: { prefix: '/a/' }, method: { exact: 'POST' }, headers: { 'x-user': { exact: 'alice' } } }];
    const [entry] = liveEntries(virtualService('h', ['h'], [{ name: 'shop/web/one', match }]));

    expect(entry?.match).toEqual({
      ...underPrefix('/a/'),
      method: { kind: 'exact', value: 'POST' },
      headers: [{ name: 'x-user', test: { kind: 'exact', value: 'alice' } }],
    });
    expect(entry?.key).toMatchObject({ prefix: '/a/', headers: 'x-useralice:methodPOST'.length });
  });
});
