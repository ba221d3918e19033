import { describe, expect, it } from '@jest/globals';
import { deploymentFile, fileOf, serviceLines } from '../test/support/command-line-manifests.ts';
import { lintJson, waymark } from '../test/support/command-line.ts';
import type { JsonFinding } from '../test/support/command-line.ts';

const HOST = `apiVersion: waymark.dev/v1
kind: Host
metadata: {name: shop.example.com}
spec:
  namespace: team-a
`;
const handingOver = (annotation: string) => `apiVersion: v1
kind: Namespace
metadata: {name: team-a, annotations: {waymark.dev/hand-over: ${annotation}}}
`;

function version(namespace: string): string {
  return deploymentFile(`${namespace}/web-shop-1`, serviceLines('shop', 'v1', 'hosts: [shop.example.com]'));
}

async function findings(...documents: readonly string[]): Promise<readonly JsonFinding[]> {
  return lintJson(fileOf(...documents));
}

describe('a Host among the files', () => {
  it('S-11: keeps its host from other namespaces, and is pointed at', async () => {
    const [found, ...more] = await findings(HOST, version('team-b'));

    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: 'WM101', severity: 'error', namespace: 'team-b', path: 'hosts[0]' });
    expect(found?.message).toContain("'shop.example.com' belongs to namespace 'team-a'");
    expect(found?.related).toMatchObject([{ line: 5, column: 14 }]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['wherever it stands', [version('team-b'), HOST], ['WM101']],
    ['also beside Deployments of its owner', [HOST, version('team-b'), version('team-a')], ['WM101']],
    ['not from its owner', [HOST, version('team-a')], []],
    [
      'S-12: not from the one it is handed over to',
      [handingOver('shop.example.com=team-b'), HOST, version('team-b')],
      [],
    ],
    ['S-12: but from any other', [handingOver('shop.example.com=team-c'), HOST, version('team-b')], ['WM101']],
  ])('keeps its host: %s', async (_, documents, codes) => {
    expect((await findings(...documents)).map(({ code }) => code)).toEqual(codes);
  });

  it('is not rendered, and leaves out what it refuses', async () => {
    const { status, out } = await waymark(['render', '-f', '-'], fileOf(HOST, version('team-b')));

    expect({ status, out }).toEqual({ status: 1, out: '' });
  });
});
