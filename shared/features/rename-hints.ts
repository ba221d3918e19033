import type { Identity } from '../intent.ts';
import { namePrefix } from '../render/names.ts';
import { isDnsLabel, isServiceName } from '../values/dns.ts';
import { expectedName, MAX_NAME, versionDigits } from './identity.ts';

/** What to write when a name and the identity disagree: lines that can be pasted. */
export function renameHint(name: string, identity: Identity): string {
  const line = `write \`name: ${expectedName(identity)}\``;
  const field = fieldThatFits(name, identity);
  return field === undefined ? line : `${line}, or \`${field}\``;
}

/** The one field which, written otherwise, would make the name right. Undefined = it takes more than one, or cannot be told. */
function fieldThatFits(name: string, identity: Identity): string | undefined {
  const { type, model, version, environment } = identity;
  const prefix = namePrefix(environment);
  const digits = versionDigits(version);
  const others = (['prod', 'test', 'debug'] as const).filter(each => each !== environment);
  const other = others.find(each => expectedName({ ...identity, environment: each }) === name);
  if (other !== undefined) return `environment: ${other}`;

  const otherDigits = between(name, `${prefix}${type}-${model}-`, '');
  if (otherDigits !== undefined && /^\d+$/.test(otherDigits)) return `version: ${inForm(version, otherDigits)}`;
  const otherModel = between(name, `${prefix}${type}-`, `-${digits}`);
  if (otherModel !== undefined && isDnsLabel(otherModel)) return `model: ${otherModel}`;
  const otherType = between(name, prefix, `-${model}-${digits}`);
  if (otherType !== undefined && isDnsLabel(otherType)) return `type: ${otherType}`;
  return undefined;
}

function between(text: string, before: string, behind: string): string | undefined {
  const isLonger = text.length > before.length + behind.length;
  if (!isLonger || !text.startsWith(before) || !text.endsWith(behind)) return undefined;
  return text.slice(before.length, text.length - behind.length);
}

/** The digits set as those of the version are: 20240601 as v2024.06.01. Where there are more or fewer, behind a `v`. */
function inForm(version: string, digits: string): string {
  if (versionDigits(version).length !== digits.length) return `v${digits}`;
  let next = 0;
  const text = version.replace(/\d/g, () => digits.charAt(next++));
  // Quotes where YAML would take the text for a number.
  return /^[\d.]+$/.test(text) ? `'${text}'` : text;
}

/** What to write for a name that would be too long: a model that leaves room, and the name with it. */
export function shorterHint(identity: Identity): string {
  const { model } = identity;
  const room = MAX_NAME - (expectedName(identity).length - model.length);
  const shorter = cut(model, room);
  if (shorter === '') return 'shorten `type`, or the digits of `version`';
  return `write \`model: ${shorter}\` and \`name: ${expectedName({ ...identity, model: shorter })}\``;
}

/** At a dash, where that leaves the greater part. */
function cut(text: string, length: number): string {
  if (length < 1) return '';
  const short = text.slice(0, length).replace(/-+$/, '');
  const dash = text.charAt(length) === '-' ? short.length : short.lastIndexOf('-');
  return dash * 2 > length ? short.slice(0, dash).replace(/-+$/, '') : short;
}

/** A name that a Service can have: what the identity makes, else one as near to the given one as can be told. */
export function serviceNameHint(name: string, identity: Identity | undefined): string {
  if (identity) {
    const expected = expectedName(identity);
    if (expected.length > MAX_NAME) return shorterHint(identity);
    if (isServiceName(expected)) return `write \`name: ${expected}\``;
    return 'begin `type` with a letter, and the name with it';
  }
  const legal = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_NAME)
    .replace(/-+$/, '');
  return legal === '' ? "write a name such as 'web'" : `write \`name: ${legal}\``;
}
