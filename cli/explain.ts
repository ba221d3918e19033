import { readHost } from '../shared/values/host.ts';
import { nearestName } from '../shared/values/nearest.ts';
import { placeOf } from '../shared/findings/format.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { readRequest } from '../shared/request/read-request.ts';
import type { Request } from '../shared/request/request.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import type { ClusterOptions } from './cluster.ts';
import { explanationText } from './explain-text.ts';
import { explanationOf, knownHosts } from './explanation.ts';
import type { Explanation } from './explanation.ts';
import { Failure } from './failure.ts';
import { reportJson } from './json-report.ts';
import { loadWorld } from './load.ts';
import { requestJson, requestText } from './request-text.ts';
import type { Locate } from './request-text.ts';
import { located, reportOf } from './report.ts';
import type { Report } from './report.ts';
import { loadSettings } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** The flags of `waymark explain`. */
export interface ExplainOptions extends ClusterOptions {
  /** The host, once. */
  readonly arguments: readonly string[];
  /** Absent: the cluster is read. */
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly output: 'text' | 'json';
  /** `POST /models/a/ -H x:y`; absent: all routes of the host are told of. */
  readonly request?: string;
}

interface Looked {
  readonly snapshot: Snapshot;
  /** Whether every member of the host can be in the snapshot. */
  readonly seesAll: boolean;
  readonly locate: (finding: Finding) => Report;
  readonly locateRule: Locate;
}

/** Prints why requests to a host, or one of them, go where they go. Resolves with the exit code: 1 for a host that nobody has or asks for. */
export async function explain(options: ExplainOptions, terminal: Terminal): Promise<number> {
  const [text = ''] = options.arguments;
  const host = hostIn(text);
  const asked = options.request === undefined ? undefined : requestIn(options.request);
  const { snapshot, seesAll, locate, locateRule } = await look(host, options, terminal);
  const explanation = explanationOf(host, snapshot, { seesAll, request: asked });
  if (explanation === undefined) {
    const near = nearestName(host, knownHosts(snapshot));
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    terminal.err(`nobody has the host '${host}' or asks for it${hint}\n`);
    return 1;
  }
  const { findings, request, ...rest } = explanation;
  const found = findings.map(finding => ({ report: locate(finding), site: placeOf(finding.site) }));
  if (options.output === 'text') {
    const about = { notes: notesOn(explanation, snapshot), locate: locateRule };
    terminal.out(request ? requestText(host, request, about) : explanationText(rest, found, snapshot.now));
  } else {
    const json = {
      ...rest,
      ...(request && { request: requestJson(request, locateRule) }),
      findings: found.map(({ report, site }) => ({ ...reportJson(report), site })),
    };
    terminal.out(`${JSON.stringify(json, undefined, 2)}\n`);
  }
  return 0;
}

/** What of the host bears on what is said of one request. */
function notesOn({ host, notes, areLive, findings }: Explanation, { now }: Snapshot): readonly string[] {
  return [
    ...(now === 0 ? [] : notes),
    ...(areLive === false ? ['the live routes differ from these, which are about to be written'] : []),
    ...(findings.length === 0 ? [] : [`there are findings: \`waymark explain ${host}\` without a request has them`]),
  ];
}

/** As it is written in a browser's address, a port and a path left out. */
function hostIn(text: string): string {
  const bare = text.replace(/^[a-z]+:\/\//i, '').replace(/[/:].*$/, '');
  const reading = readHost(bare);
  if ('host' in reading) return reading.host;
  throw new Failure(`error: HOST must be a name such as 'shop.example.com', but is '${text}'`);
}

function requestIn(text: string): Request {
  const reading = readRequest(text);
  if ('value' in reading) return reading.value;
  throw new Failure(`error: --request '${text}': ${reading.fault}`);
}

async function look(host: string, { filename, ...options }: ExplainOptions, terminal: Terminal): Promise<Looked> {
  if (filename !== undefined) {
    const world = await loadWorld({ ...options, filename }, terminal);
    const locate = (finding: Finding) => located(finding, world.manifestOf(finding.object), world);
    const locateRule: Locate = ({ object, site }) => site && world.manifestOf(object)?.placeOf(site);
    return { snapshot: world.snapshot, seesAll: true, locate, locateRule };
  }
  const settings = await loadSettings(options.config, terminal);
  const { lookAtCluster } = await import('./explain-cluster.ts');
  const nowhere = { place: undefined, sourceLine: '', related: [] };
  return {
    ...(await lookAtCluster(host, options, settings)),
    locate: finding => reportOf(finding, nowhere),
    locateRule: () => undefined,
  };
}
