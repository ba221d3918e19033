import { describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLoggedAdmission } from '../test/support/logged-admission.ts';
import { CONFIG, CONTEXT, acceptAnswer, deployment, reviewOf } from '../test/support/reviews.ts';
import { review } from './review.ts';

function bodyWith(config: string): Buffer {
  return Buffer.from(JSON.stringify(reviewOf(deployment({ annotations: { 'waymark.dev/config': config } }))));
}

const MIB = 1024 * 1024;

/** Annotations that mean harm. Each is denied by itself, with its place, and soon. */
const hostile: Record<string, string> = {
  'S-02: 2.9 MB of text': `${CONFIG}modelPath: "${'x'.repeat(2.9 * MIB)}"\n`,
  'S-02: 2.9 MB of line ends': '\n'.repeat(2.9 * MIB) + CONFIG,
  'S-02: 200 000 line ends behind a quote that is left open': `${CONFIG}area: "${'\n'.repeat(200_000)}`,
  'S-02: 64 hosts of a thousand colons': `${CONFIG}hosts: [${Array(64)
    .fill(`'${':'.repeat(1000)}!'`)
    .join(', ')}]\n`,
  'S-02: 5000 documents': `${CONFIG}---\n`.repeat(5000),
  'S-02: a million levels of lists': `${CONFIG}hosts: ${'['.repeat(MIB)}`,
  'S-02: a hundred levels of maps': `${CONFIG}hosts: ${'{a: '.repeat(100)}${'}'.repeat(100)}`,
  'S-02: lists written as ten thousand indents':
    CONFIG + Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}- `).join('\n'),
  'S-02: aliases that double': `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a]`).join('\n')}\n`,
  'S-02: a merge of oneself': `${CONFIG}x: &x {<<: *x}\n`,
  'S-02: a key that reaches a prototype': `${CONFIG}__proto__: {polluted: true}\n`,
  'S-02: control characters': `${CONFIG}modelPath: "a\\u0000\\u001b[31m"\n`,
  'S-02: characters that reorder the reader’s terminal': `${CONFIG}area: "\u202eabc"\n`,
  'S-02: a tag': `${CONFIG}modelPath: !!js/function 'x'\n`,
  'S-02: no YAML at all': '\u0001\u0002: [',
  'S-02: a key of a megabyte': `${CONFIG}${'k'.repeat(200_000)}: 1\n`,
  'S-02: ten thousand unknown keys': CONFIG + Array.from({ length: 10_000 }, (_, i) => `key${i}: 1\n`).join(''),
};

describe('a hostile annotation', () => {
  it.each(Object.entries(hostile))('%s is denied with a place, after less than a second of work', (_, config) => {
    const body = bodyWith(config);

    const begin = process.threadCpuUsage();
    const outcome = review('validate', body, CONTEXT);
    const { user, system } = process.threadCpuUsage(begin);

    const { status } = acceptAnswer('validate', outcome.body);
    expect(outcome.result).toBe('denied');
    expect(status?.message).toMatch(/\nWM\d{3} waymark\.dev\/config \d+:\d+: /);
    expect(status?.message.length).toBeLessThan(20_000);
    // Of this thread's work: another program on the machine must not count.
    expect((user + system) / 1000).toBeLessThan(1000);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('S-06: leaves nothing behind in the heap, however many of them come, no two alike', () => {
    let sent = 0;
    const attack = (times: number) => {
      for (let i = 0; i < times; i++) {
        for (const config of Object.values(hostile)) review('validate', bodyWith(`${config}\n# ${sent++}\n`), CONTEXT);
      }
    };
    attack(2);
    const before = heapUsed();

    attack(6);

    expect((heapUsed() - before) / MIB).toBeLessThan(8);
  }, 60_000);
});

describe('S-22: what is written down about a hostile review', () => {
  const SECRET = 'correct-horse-battery-staple';
  const FIELDS = ['component', 'hook', 'kind', 'level', 'ms', 'msg', 'object', 'operation', 'result', 'time', 'uid'];
  const env = [
    { name: 'PASSWORD', value: SECRET },
    { name: 'KUBEFLOW_AREA', value: SECRET },
  ];
  const objects: Record<string, unknown> = {
    ...Object.fromEntries(
      Object.entries(hostile).map(([name, config]) => [
        name,
        deployment({ env, annotations: { 'waymark.dev/config': config, 'example.com/token': SECRET } }),
      ]),
    ),
    'a name of a megabyte': deployment({ env, name: 'n'.repeat(MIB) }),
    'a name that hides and reorders': deployment({ env, name: '\u202e\u200b\r\n\u001b[2J' }),
    'a container that is none': { ...deployment({ env }), spec: { template: { spec: { containers: [{ env }] } } } },
    'a good one': deployment({ env }),
  };

  it.each(Object.entries(objects))('of %s is one short line a request, without its content', (_, object) => {
    const lines: string[] = [];
    const { answer } = createLoggedAdmission(lines);
    const { name } = (object as { metadata: { name: string } }).metadata;
    const body = Buffer.from(JSON.stringify(reviewOf(object, { name })));

    for (const hook of ['mutate', 'validate'] as const) answer(hook, body);

    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(Object.keys(JSON.parse(line) as object).sort()).toEqual(FIELDS);
      expect(line).not.toContain(SECRET);
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(line.length).toBeLessThan(1000);
    }
  });

  it.each(Object.entries(objects))('of %s: no answer tells a value of the environment', (_, object) => {
    const outcome = review('validate', Buffer.from(JSON.stringify(reviewOf(object))), CONTEXT);

    expect(outcome.body).not.toContain(SECRET);
  });
});

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
