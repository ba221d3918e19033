import type { Dictionary } from './dictionary.ts';
import { mutateText } from './mutate-text.ts';
import type { Random } from './random.ts';

type Json = null | boolean | number | string | Json[] | JsonMap;

interface JsonMap {
  [key: string]: Json;
}

/** Keys of objects of Kubernetes, and those that reach prototypes. */
const KEYS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'uid', 'name', 'namespace', 'annotations', 'labels', 'env'],
  ...[
    'value',
    'valueFrom',
    'containers',
    'initContainers',
    'ports',
    'containerPort',
    'protocol',
    'matchLabels',
    'spec',
  ],
  ...['generateName', 'deletionTimestamp', 'replicas', 'restartPolicy', 'waymark.dev/injected', 'waymark.dev/paused'],
];

const OUR_VARIABLES = ['KUBEFLOW_ENV', 'KUBEFLOW_AREA', 'K8S_POD_NAME', 'PATH'];

/**
 * Changes a text of JSON: mostly in its tree, so that it stays JSON; now and then in its bytes. Annotations are changed
 * as texts.
 */
export function mutateJson(text: string, random: Random, words: Dictionary, other: () => string): string {
  const tree = parsed(text);
  if (tree === undefined || random.once(12)) return bent(text, random);
  const changes = 1 + random.below(3);
  for (let i = 0; i < changes; i++) changePart(tree, random, words, other);
  const printed = JSON.stringify(tree);
  return random.once(10) ? bent(printed, random) : printed;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

interface Slot {
  readonly holder: Json[] | JsonMap;
  readonly key: string | number;
}

function slotsOf(value: Json, depth = 0): Slot[] {
  if (typeof value !== 'object' || value === null || depth > 40) return [];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return keys.flatMap(key => [{ holder: value, key }, ...slotsOf(part({ holder: value, key }), depth + 1)]);
}

function part({ holder, key }: Slot): Json {
  return (holder as Record<string, Json>)[key] as Json;
}

/** As a property of its own, also where the key is `__proto__`. */
function put({ holder, key }: Slot, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function changePart(tree: Json, random: Random, words: Dictionary, other: () => string): void {
  const slots = slotsOf(tree);
  if (slots.length === 0) return;
  const annotations = slots.filter(({ key }) => key === 'waymark.dev/config' || key === 'waymark.dev/injected');
  const slot = random.once(3) && annotations.length > 0 ? random.pick(annotations) : random.pick(slots);
  const value = part(slot);
  if (typeof value === 'string' && random.once(2)) {
    put(slot, random.once(4) ? random.pick(words.values) : mutateText(value, random, words, () => value));
    return;
  }
  switch (random.below(6)) {
    case 0:
      put(slot, strangeValue(random, words));
      break;
    case 1:
      if (Array.isArray(slot.holder)) slot.holder.splice(slot.key as number, 1);
      else Reflect.deleteProperty(slot.holder, slot.key);
      break;
    case 2:
      put(
        { holder: slot.holder, key: Array.isArray(slot.holder) ? slot.holder.length : random.pick(KEYS) },
        structuredClone(value),
      );
      break;
    case 3:
      put(slot, structuredClone(part(random.pick(slots))));
      break;
    case 4:
      if (Array.isArray(value)) value.push({ name: random.pick(OUR_VARIABLES), value: random.pick(words.values) });
      else if (typeof value === 'object' && value !== null)
        put({ holder: value, key: random.pick(KEYS) }, strangeValue(random, words));
      break;
    default: {
      const others = slotsOf(parsed(other()) ?? null);
      if (others.length > 0) put(slot, part(random.pick(others)));
    }
  }
}

function strangeValue(random: Random, words: Dictionary): Json {
  const strange: readonly (() => Json)[] = [
    () => null,
    () => true,
    () => 0,
    () => -1e300,
    () => '',
    () => [],
    () => ({}),
    () => [null],
    () => ({ name: null }),
    () => ({ name: random.pick(OUR_VARIABLES), value: random.pick(words.values) }),
    () => random.pick(words.values),
    () => '\u0000\r\n\u202e\ud800',
    () => nested(random.below(80)),
  ];
  return random.pick(strange)();
}

function nested(levels: number): Json {
  let value: Json = 'x';
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

/** The text itself, no longer JSON perhaps: cut, doubled keys, bytes that are no UTF-8, deep brackets. */
function bent(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const insert = (piece: string) => text.slice(0, at) + piece + text.slice(at);
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return insert(String.fromCharCode(0xdc80 + random.below(0x80)));
    case 2:
      return insert(
        random.pick(['{', '}', '[', ']', ',', ':', '"', '\\', '\\u0000', '\\ud800', '\0', '/*x*/', 'NaN', '1e999']),
      );
    case 3:
      return text.replace(/"(\w+)":/, (pair, key: string) => `"${key}":null,${pair}`);
    case 4: {
      const pairs = [...text.matchAll(/[{,]("[\w./-]+":)/g)];
      if (pairs.length === 0) return text;
      const { index, 1: key = '' } = random.pick(pairs);
      return `${text.slice(0, index + 1)}${key}null,${text.slice(index + 1)}`;
    }
    case 5: {
      const levels = random.once(20) ? 200_000 : random.below(200);
      return text.replace(/:(null|false|true|""|\{\})/, `:${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`);
    }
    case 6:
      return text.replace(/"metadata":\{/, '"metadata":{"__proto__":{"polluted":true},');
    default:
      return text.slice(0, at) + text.slice(Math.min(text.length, at + 1 + random.below(40)));
  }
}
