import { objectName } from '../shared/findings/format.ts';
import type { NextStep } from '../shared/host.ts';
import type { ExplainedRoute, Target } from './explained-routes.ts';
import type { ExplainedMember, Explanation } from './explanation.ts';
import { printable } from './printable.ts';
import type { Report } from './report.ts';

type Row = readonly string[];
type Shown = Omit<Explanation, 'findings'>;

/** A finding with its place in the annotation, which it has also where there is no file. */
export interface Located {
  readonly report: Report;
  readonly site: string;
}

/**
 * One thing a line, in blocks:
 *
 *   shop.example.com belongs to namespace shop: the Host says so
 *   web-a-2 leads: it is newer than web-a-1 and has been ready for `bake`
 *   next: web-a-1 is scaled to zero at 2026-01-01T00:00:22.020Z, in 9 s
 *
 * `now`: milliseconds since the epoch by the API server's clock; 0 offline.
 */
export function explanationText(explanation: Shown, findings: readonly Located[], now: number): string {
  const { host, owner, routes, areLive, conditions, notes } = explanation;
  const belongs = owner.namespace === undefined ? '' : ` belongs to namespace ${owner.namespace}`;
  const lines = [
    `${host}${belongs}: ${owner.why}`,
    ...leading(explanation),
    ...steps(explanation, now).map(text => `next: ${text}`),
    ...notes.map(note => `note: ${note}`),
    ...members(explanation),
    '',
    routes.length === 0
      ? 'no route leads anywhere'
      : `routes, the first that takes a request has it${lagging(areLive)}`,
    ...table(routes.map(route => [route.takes, `→ ${goal(route)}`, `(${route.name})`])),
    ...block(
      'conditions',
      table(conditions.map(one => [one.type, one.status, one.lastTransitionTime, `${one.reason}: ${one.message}`])),
    ),
    ...block(
      'what is wrong',
      findings.map(one => `  ${findingText(one)}`),
    ),
  ];
  return lines.map(line => `${printable(line)}\n`).join('');
}

function leading({ kind, active, members, split, mirror }: Shown): readonly string[] {
  if (kind !== 'own') return [];
  const leader = members.find(({ name }) => name === active);
  return [
    leader === undefined ? 'no version leads' : `${leader.name} leads${because(leader, members)}`,
    ...(split === undefined ? [] : [`split: ${split}`]),
    ...(mirror === undefined ? [] : [`mirror: ${mirror}`]),
  ];
}

function because(leader: ExplainedMember, members: Shown['members']): string {
  const why = leader.message.replace(/^it leads(?:: )?/, '');
  if (why !== '') return `: ${why}`;
  const versions = members.filter(({ line, namespace }) => line === leader.line && namespace === leader.namespace);
  return versions.length > 1 && versions[0] === leader ? ': it is the newest' : '';
}

/** Those with a time first, the nearest of them at the top. */
function steps({ members }: Shown, now: number): readonly string[] {
  const coming = members.flatMap(({ name, next }) => (next ? [{ name, next }] : []));
  return coming
    .toSorted((a, b) => timeOf(a.next) - timeOf(b.next))
    .map(({ name, next }) => `${name} ${STEPS[next.step]}${when(next, now)}`);
}

const STEPS: Readonly<Record<NextStep['step'], string>> = {
  lead: 'takes the traffic',
  retire: 'is scaled to zero',
  restore: 'is scaled up',
};

function timeOf({ at }: NextStep): number {
  return at === undefined ? Infinity : Date.parse(at);
}

function when({ step, at }: NextStep, now: number): string {
  if (at !== undefined) return ` at ${at}, in ${Math.max(0, Math.ceil((Date.parse(at) - now) / 1000))} s`;
  if (now === 0) return step === 'retire' ? ' when `bake` and `drain` are over' : '';
  return step === 'lead' ? ' when it has been ready for `bake`' : ' as soon as that is safe';
}

/** By line; of each the newest version first. */
function members({ members }: Shown): readonly string[] {
  const lines = Map.groupBy(members, ({ line, namespace }) => `${namespace} ${line}`);
  return [...lines.values()].flatMap(versions => {
    const [{ namespace, line } = { namespace: '', line: '' }] = versions;
    return ['', `line ${line} of namespace ${namespace}`, ...table(versions.map(memberRow))];
  });
}

function memberRow({ name, version, ready, share, mirror, state, since, reason, message }: ExplainedMember): Row {
  const wants = share.wanted === share.effective ? '' : ` (wanted ${share.wanted}%)`;
  const copies = mirror.wanted === 0 ? '' : `copies ${mirror.effective}%`;
  return [
    name,
    version ?? '',
    state,
    `${share.effective}%${wants}`,
    copies,
    ready ? 'ready' : 'not ready',
    since === undefined ? '' : `since ${since}`,
    `${reason}: ${message}`,
  ];
}

function goal({ to, copies, redirect }: ExplainedRoute): string {
  return redirect ?? `${targets(to)}${copied(copies)}`;
}

/** `shop/web-a-1:80 80%, shop/web-a-2:80 20%`. */
export function targets(all: readonly Target[]): string {
  const [only] = all;
  if (only && all.length === 1) return `${only.service}${seenHost(only)}`;
  return all.map(one => `${one.service} ${one.percent}%${seenHost(one)}`).join(', ');
}

function seenHost({ host }: Target): string {
  return host === undefined ? '' : ` as ${host}`;
}

export function copied(copies: readonly Target[]): string {
  return copies.length === 0 ? '' : `; copies to ${copies.map(one => `${one.service} ${one.percent}%`).join(', ')}`;
}

function lagging(areLive: boolean | undefined): string {
  return areLive === false ? ' (about to be written: the live ones differ)' : '';
}

function findingText({ report, site }: Located): string {
  const { place, object, severity, code, rule, message, fix } = report;
  const where = place ? `${place.file}:${place.start.line}:${place.start.column}` : `${objectName(object)} ${site}`;
  return `${where}: ${severity} ${code} ${rule}: ${message}; fix: ${fix}`.replaceAll(/[\r\n]+/g, ' ');
}

function block(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** Columns that are empty in every row are left out. */
function table(rows: readonly Row[]): readonly string[] {
  const [first = []] = rows;
  const widths = first.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row => {
    const cells = row.flatMap((cell, column) => (widths[column] ? [cell.padEnd(widths[column])] : []));
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
