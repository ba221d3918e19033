import { describe, expect, it } from '@jest/globals';
import type { Interruption } from '../shared/cluster-facts.ts';
import { KubeError } from './kube-error.ts';
import type { KubeErrorFields } from './kube-error.ts';
import { noticeUnanswered } from './notice-unanswered.ts';
import type { KubeClient } from './types.ts';

/** Whose requests all take two seconds, and then fail like this. */
function failing(fields: Omit<KubeErrorFields, 'message'>): KubeClient {
  let now = 1000;
  return {
    request() {
      now += 2000;
      return Promise.reject(new KubeError({ message: 'no', ...fields }));
    },
    stream: () => Promise.reject(new Error('not asked for')),
    serverTime: () => now,
    close: () => Promise.resolve(),
  };
}

describe('a request that fails', () => {
  const span = { since: 1000, until: 3000 };

  it.each([
    { name: 'without an answer in time is told of', code: 'timeout', told: [span] },
    { name: 'because its connection broke is told of', code: 'unreachable', told: [span] },
    { name: 'because it was refused is not', code: 'answer', status: 500, told: [] },
    { name: 'because it was taken back is not', code: 'aborted', told: [] },
  ] as const)('$name', async ({ told, ...fields }) => {
    const heard: Interruption[] = [];
    const client = noticeUnanswered(failing(fields), one => heard.push(one));

    await expect(client.request({ path: '/' })).rejects.toThrow('no');

    expect(heard).toEqual(told);
  });
});
