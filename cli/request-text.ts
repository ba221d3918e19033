import type { Consequence } from '../shared/request/consequence.ts';
import type { Rule } from '../shared/request/rules.ts';
import type { ExplainedRequest, Near, Taker } from './explained-request.ts';
import { copied, targets } from './explain-text.ts';
import type { FilePlace } from './manifests.ts';
import { printable } from './printable.ts';
import { placeOf } from '../shared/findings/format.ts';

/** Where in the files a rule begins; undefined = it is in none of them. */
export type Locate = (rule: Rule) => FilePlace | undefined;

export interface About {
  /** Of the host. */
  readonly notes: readonly string[];
  readonly locate: Locate;
}

/**
 * One thing a line, in blocks:
 *
 *   POST /models/a/../resnet/ is read as /models/resnet/, and taken by
 *     Mapping predict of Deployment shop/web-resnet-1, web.yaml:14:7
 *   which takes POST /models/resnet/*, and sends it on
 *     to shop/web-resnet-1:80
 *     as /v1/models/resnet:predict
 *     for 3s at most
 */
export function requestText(host: string, request: ExplainedRequest, { notes, locate }: About): string {
  const { method, target, seen, taker, near } = request;
  const asked = `${method} ${target}`;
  const read = seen === undefined || seen === target ? '' : ` is read as ${seen}, and`;
  const lines = [
    ...(seen === undefined ? [`${asked} is refused: the gateway answers 400`] : []),
    ...(seen !== undefined && !taker
      ? [`${asked}${read} is taken by no route of ${host}: the gateway answers 404`]
      : []),
    ...(taker ? [`${asked}${read} is taken by`, ...takerLines(taker, locate)] : []),
    ...(near.length === 0 ? [] : ['', 'nearly taken by', ...near.flatMap(one => nearLines(one, locate))]),
    ...[...request.notes, ...notes].map(note => `note: ${note}`),
  ];
  return lines.map(line => `${printable(line)}\n`).join('');
}

function takerLines({ rules, route, then }: Taker, locate: Locate): readonly string[] {
  return [
    ...rules.map(rule => `  ${ruleText(rule, locate)}`),
    `which takes ${route.takes}, and ${outcome(then)}`,
  ].concat(
    then.does === 'forward'
      ? [
          `  to ${targets(route.to)}${copied(route.copies)}`,
          `  as ${then.target}`,
          ...(then.timeout === undefined ? [] : [`  for ${then.timeout} at most`]),
        ]
      : [],
  );
}

function outcome(then: Consequence): string {
  switch (then.does) {
    case 'forward':
      return 'sends it on';
    case 'redirect':
      return `answers ${then.code} with the address ${then.location}`;
    case 'preflight':
      return 'answers the question of a browser whether it may ask';
  }
}

function nearLines({ rules, route, why }: Near, locate: Locate): readonly string[] {
  return [...rules.map(rule => `  ${ruleText(rule, locate)}`), `    which takes ${route.takes}: ${why}`];
}

/** `Mapping buy of Deployment shop/web-a-1, web.yaml:14:7: 20% of the requests`. */
function ruleText(rule: Rule, locate: Locate): string {
  const { object, mapping, site, share } = rule;
  const file = locate(rule);
  const document = mapping === undefined ? 'InferenceService' : `Mapping ${mapping}`;
  const place = file ? `${file.file}:${file.start.line}:${file.start.column}` : site && placeOf(site);
  return [
    `${document} of Deployment ${object.namespace}/${object.name}`,
    ...(place === undefined ? [] : [`, ${place}`]),
    ...(share ? [`: ${share.percent}% of the ${share.of}`] : []),
  ].join('');
}

/** Keys are a promise to scripts. */
export function requestJson({ taker, near, ...request }: ExplainedRequest, locate: Locate) {
  const rulesJson = (rules: readonly Rule[]) => rules.map(rule => ruleJson(rule, locate(rule)));
  return {
    ...request,
    ...(taker && { taker: { ...taker, rules: rulesJson(taker.rules) } }),
    near: near.map(one => ({ ...one, rules: rulesJson(one.rules) })),
  };
}

function ruleJson({ object, mapping, site, share }: Rule, place: FilePlace | undefined) {
  return {
    kind: mapping === undefined ? 'InferenceService' : 'Mapping',
    ...(mapping !== undefined && { mapping }),
    namespace: object.namespace,
    deployment: object.name,
    ...(site && { site: placeOf(site) }),
    ...(place && { file: place.file, line: place.start.line, column: place.start.column }),
    ...(share && { share }),
  };
}
