import { describe, expect, it } from '@jest/globals';
import { guardWrites } from './guard-writes.ts';
import { NotLeading } from './leader.ts';
import type { KubeClient, RequestOptions } from './types.ts';

function setUp(isLeading: boolean) {
  const sent: RequestOptions[] = [];
  const client: KubeClient = {
    request: options => Promise.resolve(sent.push(options)),
    stream: () => Promise.reject(new Error('not used')),
    serverTime: () => 0,
    close: () => Promise.resolve(),
  };
  return { sent, guarded: guardWrites(client, () => isLeading) };
}

describe('one that does not lead (C11)', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('sends no %s', async method => {
    const { sent, guarded } = setUp(false);

    await expect(guarded.request({ method, path: '/x' })).rejects.toThrow(NotLeading);
    expect(sent).toEqual([]);
  });

  it('reads', async () => {
    const { sent, guarded } = setUp(false);
    await guarded.request({ path: '/x' });
    await guarded.request({ method: 'GET', path: '/y' });

    expect(sent.map(({ path }) => path)).toEqual(['/x', '/y']);
  });
});

it('one that leads writes', async () => {
  const { sent, guarded } = setUp(true);
  await guarded.request({ method: 'PATCH', path: '/x' });

  expect(sent).toHaveLength(1);
});
