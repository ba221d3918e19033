import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.ts';
import { CONFIG, createNamespace, deployment, inferenceService, mapping } from './manifests.ts';
import { find, pathOf } from './objects.ts';
import { metric, restartsOf, waymarkPods } from './waymark-pods.ts';
import { reviewIn, reviewOf, webhookCaller } from './webhook-call.ts';
import type { WebhookCall, WebhookCaller } from './webhook-call.ts';
import { startWorld, stopWorlds } from './world.ts';
import type { World } from './world.ts';

/** Milliseconds that anything may take. */
const LIMIT = 1_000;
const MIB = 1 << 20;

let world: World;
let webhook: WebhookCaller;
beforeAll(async () => {
  world = await startWorld();
  await createNamespace(world.cluster, 'shop');
  webhook = await webhookCaller(world.cluster);
});
afterAll(stopWorlds);

const good = inferenceService('hostile', 'v1');

/** Texts that fit into an annotation. A place is `line:column`; both count from 1. */
const TEXTS: Readonly<Record<string, { text: string; place: string }>> = {
  '5 000 documents': { text: '---\nkind: X\n'.repeat(5_000), place: '130:1' },
  'a bomb of nested lists': { text: `${good}area: ${'['.repeat(10_000)}`, place: '6:14' },
  'a bomb of nested maps': { text: `${good}area: ${'{a: '.repeat(10_000)}`, place: '6:35' },
  'a bomb of indented maps': {
    text: Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    place: '9:9',
  },
  'a billion laughs': {
    text: ['a: &a [x, x, x, x, x, x, x, x, x, x]']
      .concat(
        Array.from('bcdefghij', (name, index) => `${name}: &${name} [${`*${'abcdefghi'[index] ?? ''}, `.repeat(10)}]`),
      )
      .join('\n'),
    place: '1:4',
  },
  'an anchor and its alias': { text: `${good}area: &here x\nmodelPath: *here\n`, place: '6:7' },
  'a merge key': { text: `${good}<<: {area: x}\n`, place: '6:1' },
  'a tag that would run code elsewhere': { text: `${good}area: !!js/function 'x'\n`, place: '6:7' },
  "the key '__proto__'": { text: `${good}__proto__: {polluted: yes}\n`, place: '6:1' },
  "the key 'constructor'": { text: `${good}constructor: {prototype: {polluted: yes}}\n`, place: '6:1' },
  "'__proto__' as a kind": { text: 'apiVersion: waymark.dev/v1\nkind: __proto__\n', place: '2:7' },
  'a control character': { text: `${good}area: "a\u0007b"\n`, place: '6:9' },
  'an escape for the terminal in a value': { text: `${good}area: "\\e[2J"\n`, place: '6:7' },
  'a NUL': { text: `${good}area: a\u0000b\n`, place: '6:8' },
  'a lone surrogate by escape': { text: `${good}area: "\\ud800"\n`, place: '6:7' },
  'a right-to-left override in a host': { text: `${good}hosts: ["a\u202eb.example.com"]\n`, place: '6:11' },
  'a key of 200 000 characters': { text: `${good}${'k'.repeat(200_000)}: 1\n`, place: '6:1' },
  'a line of 250 000 commas': { text: `${good}hosts: [${','.repeat(250_000)}]\n`, place: '6:16352' },
  'a quote left open before 200 000 line ends': { text: `${good}area: "${'\n'.repeat(200_000)}`, place: '200006:1' },
  '64 hosts of a thousand colons': {
    text: `${good}hosts: [${Array(64)
      .fill(`'${':'.repeat(1_000)}!'`)
      .join(', ')}]\n`,
    place: '6:9',
  },
  '20 000 unknown keys': {
    text: good + Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'),
    place: '2341:7',
  },
  'a regular expression of many stars in a prefix': {
    text: mapping('x', `/${'(a*)*'.repeat(1_000)}`, 'prefix_regex: true'),
    place: '4:9',
  },
  'more than 256 KiB': { text: `${good}#${'x'.repeat(256 * 1024)}`, place: '1:1' },
};

const manifest = (text: string) => deployment('shop/serving-hostile-1', { config: text });

describe('a hostile annotation, sent to the webhook, is refused in less than 1 s with a place', () => {
  it.each(Object.entries(TEXTS))('%s', async (_, { text, place }) => {
    const answer = await webhook.call({ body: reviewOf(manifest(text)) });

    const { allowed, status } = reviewIn(answer);
    expect({ allowed, code: status?.code, reason: status?.reason }).toEqual({
      allowed: false,
      code: 403,
      reason: 'Forbidden',
    });
    expect(status?.message).toMatch(new RegExp(`^WM\\d{3} ${CONFIG} ${place}: `, 'm'));
    expect(withoutLineEnds(status?.message ?? '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(answer.took).toBeLessThan(LIMIT);
  });

  it('nearly 3 MB', async () => {
    const answer = await webhook.call({ body: reviewOf(manifest(`${good}#${'x'.repeat(3 * MIB - 8_192)}`)) });

    expect(reviewIn(answer).status?.message).toMatch(/^WM\d{3} waymark\.dev\/config 1:1: /m);
    expect(answer.took).toBeLessThan(LIMIT);
  });
});

describe('a hostile annotation, sent to the API server, is refused in less than 1 s and not stored', () => {
  // The API server itself refuses more than 256 KiB of annotations, after it has asked the mutating webhook.
  const sent = { ...TEXTS, '1 MB': { text: `${good}#${'x'.repeat(MIB)}`, place: '' } };

  it.each(Object.entries(sent))('%s', async (_, { text }) => {
    const startedAt = performance.now();
    const { status, body } = await world.cluster.api('POST', pathOf('Deployment', 'shop'), manifest(text));
    const took = performance.now() - startedAt;

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.stringify(body)).toMatch(/WM\d{3}|Too long|annotations size/i);
    expect(took).toBeLessThan(LIMIT);
    expect(await find(world.cluster, 'Deployment', 'shop', 'serving-hostile-1')).toBeUndefined();
  });
});

describe('a malformed AdmissionReview gets the right status (W18, W19)', () => {
  const valid = reviewOf(manifest(good));
  const invalidUtf8 = Buffer.from(valid);
  invalidUtf8.set([0xff, 0xfe], invalidUtf8.indexOf('serving'));

  const inPlainText: Readonly<Record<string, { call: WebhookCall; status: number }>> = {
    'an empty body': { call: { body: '' }, status: 400 },
    'no JSON': { call: { body: '<html>' }, status: 400 },
    'half a review': { call: { body: valid.slice(0, valid.indexOf('"uid"')) }, status: 400 },
    'JSON that is no object': { call: { body: '[1, 2]' }, status: 400 },
    'a review without a request': {
      call: { body: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' },
      status: 400,
    },
    'a uid that is no string': { call: { body: reviewOf(manifest(good), { uid: { toString: 'x' } }) }, status: 400 },
    'more than 3 MiB': { call: { body: ' '.repeat(3 * MIB + 1) }, status: 413 },
    'another path': { call: { path: '/admin', body: valid }, status: 404 },
    'another method': { call: { method: 'PUT', body: valid }, status: 405 },
  };

  it.each(Object.entries(inPlainText))('%s: a status of its own, in plain text', async (_, { call, status }) => {
    const answer = await webhook.call(call);

    expect(answer.status).toBe(status);
    expect(answer.type).toMatch(/^text\/plain/);
    expect(answer.text).not.toMatch(/<|at .*\.[jt]s:/);
    expect(answer.took).toBeLessThan(LIMIT);
  });

  const withUid: Readonly<Record<string, string | Buffer>> = {
    'invalid UTF-8': invalidUtf8,
    'no object': reviewOf(manifest(good), { object: null }),
    'an object that is no Deployment': reviewOf(manifest(good), { object: { metadata: [], spec: 7 } }),
    'an unknown operation': reviewOf(manifest(good), { operation: 'EXPLODE' }),
    'another version of the API': valid.replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1'),
    'a key twice': valid.replace('"operation":"CREATE"', '"operation":"CREATE","operation":"DELETE"'),
    "'__proto__' as a key": valid.replace('"dryRun":false', '"dryRun":false,"__proto__":{"allowed":true}'),
    'an object of 10 000 levels': valid.replace(
      '"dryRun":false',
      `"dryRun":${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    ),
  };

  it.each(Object.entries(withUid))('%s: an answer to its uid, with code 400', async (_, body) => {
    const answer = await webhook.call({ body });

    expect(answer.status).toBe(200);
    expect(reviewIn(answer)).toMatchObject({
      uid: '00000000-0000-4000-8000-000000000001',
      allowed: false,
      status: { code: 400 },
    });
    expect(answer.took).toBeLessThan(LIMIT);
  });
});

describe('after all that', () => {
  it('the process is the same and answers, and its memory returns after 200 reviews of 3 MB', async () => {
    const before = await residentMemory();
    const bomb = reviewOf(manifest(`${good}area: ${'[{a: '.repeat(600_000)}`));
    for (let round = 0; round < 50; round++) {
      await Promise.all(Array.from({ length: 4 }, () => webhook.call({ body: bomb })));
    }
    const answer = await webhook.call({ body: reviewOf(manifest(good)), hook: 'mutate' });

    expect(reviewIn(answer).allowed).toBe(true);
    expect((await waymarkPods(world.cluster, 'webhook')).map(restartsOf)).toEqual([0]);
    await eventually(async () => expect(await residentMemory()).toBeLessThan(Math.max(2 * before, 130 * MIB)), {
      within: 15_000,
    });
  });

  async function residentMemory(): Promise<number> {
    const [pod] = await waymarkPods(world.cluster, 'webhook');
    if (pod === undefined) throw new Error('there is no webhook');
    return metric(pod, 'webhook', 'process_resident_memory_bytes');
  }
});

function withoutLineEnds(text: string): string {
  return text.replaceAll('\n', '');
}
