import { afterAll, describe, expect, it } from '@jest/globals';
import { deployment, reviewOf } from '../support/reviews.ts';
import { dictionaryOf } from './dictionary.ts';
import { explore } from './explore.ts';
import { TARGETS } from './targets.ts';

/** Inputs that once broke a promise, by target and by what they show. */
const named = (name: string) => JSON.stringify(reviewOf(deployment({ name }), { name }));
const service = 'apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: tfserving\nmodel: resnet\nversion: v1\n';
const described = (object: string) =>
  `metricCatalog: {qps: {type: Object, metric: q, target: Value, describedObject: ${object}}}\n`;

/** What an older text was given comes back where the new one cannot be read. */
function storedMark(): string {
  const env = [{ name: 'KUBEFLOW_ENV', value: 'a\nb\u0085' }];
  const oldObject = deployment({ env, annotations: { 'waymark.dev/injected': '{"server":["KUBEFLOW_ENV"]}' } });
  const object = deployment({ annotations: { 'waymark.dev/config': 'no' } });
  const review = reviewOf(object, { operation: 'UPDATE', resource: { resource: '\n' }, oldObject });
  return JSON.stringify(review);
}

function storedRecord(): string {
  const oldObject = deployment({ annotations: { 'waymark.dev/config': service, 'waymark.dev/injected': '\udc00' } });
  return JSON.stringify(reviewOf(deployment(), { operation: 'UPDATE', oldObject }));
}

const onDeployment = (annotation: string, port: string, label: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: ${annotation}}
spec:
  selector: {matchLabels: {app: ${label}}}
  template: {spec: {containers: [{name: a, ports: [{name: ${port}, containerPort: 80}]}]}}
`;
const mapping = `{waymark.dev/config: 'apiVersion: getambassador.io/v2

  kind: Mapping

  name: a

  prefix: /a/'}`;

const ROWS: readonly (readonly [target: string, shows: string, input: string])[] = [
  ['annotation', 'a search for a kind begins anew at each of 100 000 line ends', `a: "${'\n'.repeat(100_000)}`],
  [
    'annotation',
    'a list of hosts of a thousand colons',
    `${service}hosts: ['${':'.repeat(1000)}!', '${':'.repeat(999)}!']\n`,
  ],
  ['review', 'a name of two lines makes a denial of three', named('a\nb')],
  ['review', 'a name that reorders what a denial and the log show', named('\u202ea\u200bb')],
  ['review', 'a name of a megabyte fills the log', named('n'.repeat(1_000_000))],
  ['review', 'a uid of two lines', JSON.stringify(reviewOf(deployment(), { uid: 'a\nb' }))],
  ['review', 'a stored value with marks that nobody sees, beside a name that is one of them', storedMark()],
  ['review', 'a stored record with half of a character, which an update leaves out', storedRecord()],
  ['settings', 'an apiVersion and a kind that no object has', described("{apiVersion: 'x y', kind: 'S/e', name: a}")],
  ['settings', 'a kind that climbs out of its path', described("{apiVersion: v1, kind: '../../x', name: '{name}'}")],
  ['file', 'a control character as a token', 'a: b\n@ \u001b[2J: x\n'],
  ['file', 'a mark of direction behind a block scalar', 'a: |\u2066x\n b\n'],
  [
    'file',
    'a key that reorders, in a line for GitHub',
    onDeployment('{"waymark.dev/confi\\u202eg": a}', 'http', 'web'),
  ],
  ['file', 'the name of a port that no API server takes', onDeployment(mapping, '"res\\u202et"', 'web')],
  ['file', 'a label that no API server takes', onDeployment(mapping, 'http', "'/mnt 000'")],
  [
    'file',
    'a Namespace that says that it is in one',
    'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: p\n  namespace: f\n  annotations:\n   waymark.dev/: .',
  ],
  ['file', 'a map for a key', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {{a: b}: c}\n'],
];

afterAll(async () => {
  for (const target of TARGETS) await target.close?.();
});

describe('what once broke a promise keeps it', () => {
  it.each(ROWS)('%s: %s', async (name, _, input) => {
    const target = TARGETS.find(each => each.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);

    const { broken } = await explore({
      target: { ...target, seeds: () => (name === 'file' ? everyWay(input) : [input]) },
      inputs: 0,
      seed: 1,
      words: dictionaryOf(),
    });

    expect(broken.map(({ message }) => message.slice(0, 500))).toEqual([]);
  });
});

/** How a file is asked about depends on its text: with as many comments behind it, each way comes up. */
function everyWay(file: string): readonly string[] {
  return Array.from({ length: 20 }, (_, index) => `${file}# ${index}\n`);
}
