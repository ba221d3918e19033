import { applyPatch } from 'rfc6902';
import type { Operation } from 'rfc6902';

/**
 * What differs from request to request: digits of fixed width in its place.
 *
 *   uid      the uid alone: the same question again
 *   object   a field of the object besides: what was read of the annotation serves again
 *   text     the annotation as well: nothing is known of it
 */
export const CHANGES = ['uid', 'object', 'text'] as const;
export type Changing = (typeof CHANGES)[number];

const DIGITS: Readonly<Record<Changing, string>> = { uid: '00000000', object: '11111111', text: '22222222' };
const BYTES = 10 * 1024;

const ANNOTATION = `apiVersion: waymark.dev/v1
kind: InferenceService
type: tfserving
model: resnet50
version: v2024.05.01
modelPath: /mnt/models/resnet50/${DIGITS.text}
hosts: [resnet.example.com]
replicas: {min: 2, max: 10}
metrics: cpu:50%,mem:50%
timeout: 60s
---
apiVersion: getambassador.io/v2
kind: Mapping
name: resnet-predict
prefix: /models/resnet50/
rewrite: /v1/models/resnet50:predict
method: POST
`;

type Json = Record<string, unknown>;

/**
 * A review of 10 KiB, as the API server sends one for `kubectl apply` of a new Deployment: two containers and an init
 * container, the user's variables, kubectl's own annotation with the whole manifest, the managed fields.
 */
export function mutationBody(): string {
  for (let variables = 1; ; variables++) {
    const body = reviewOf(deployment(variables));
    if (body.length >= BYTES) return body;
  }
}

/** The review of the validating hook that follows: the object with the patch of the mutating hook's answer applied. */
export function validationBody(mutation: string, answer: string): string {
  const review = JSON.parse(mutation) as { request: { object: Json } };
  const { response } = JSON.parse(answer) as { response: { patch: string } };
  applyPatch(review.request.object, JSON.parse(Buffer.from(response.patch, 'base64').toString()) as Operation[]);
  return JSON.stringify(review);
}

/** Whole requests, one after the other. */
export function requests(path: string, body: string, changing: Changing): () => Buffer {
  const head =
    `POST ${path}?timeout=5s HTTP/1.1\r\nHost: waymark-webhook.waymark-system.svc:443\r\nUser-Agent: kube-apiserver-admission\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\n` +
    'Accept-Encoding: gzip\r\n\r\n';
  const template = Buffer.from(head + body);
  const changes = CHANGES.slice(0, CHANGES.indexOf(changing) + 1).map(change => DIGITS[change]);
  const places = changes.flatMap(digits =>
    [...(head + body).matchAll(new RegExp(digits, 'g'))].map(({ index }) => index),
  );
  let count = 0;
  return () => {
    const request = Buffer.from(template);
    const digits = String(++count).padStart(DIGITS.uid.length, '0');
    for (const place of places) request.write(digits, place, 'latin1');
    return request;
  };
}

function reviewOf(object: Json): string {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: `705ab4f5-6393-11e8-b7cc-4201${DIGITS.uid}`,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: 'tfserving-resnet50-20240501',
      namespace: 'service',
      operation: 'CREATE',
      userInfo: { username: 'jane@example.com', groups: ['inference-team', 'system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-client-side-apply' },
    },
  });
}

function deployment(variables: number): Json {
  const labels = { app: 'tfserving-resnet50-20240501' };
  const metadata = { name: 'tfserving-resnet50-20240501', namespace: 'service', labels };
  const spec = {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels, annotations: { 'example.com/build': DIGITS.object } }, spec: pod(variables) },
  };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, annotations: { 'waymark.dev/config': ANNOTATION } },
    spec,
  };
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(manifest)}\n`,
    'waymark.dev/config': ANNOTATION,
  };
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: {
      ...metadata,
      uid: 'f1b7c1c0-7c46-4d4f-9b1c-6d3a1b0c9e55',
      generation: 1,
      creationTimestamp: '2026-05-01T10:00:00Z',
      annotations,
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion: 'apps/v1',
          time: '2026-05-01T10:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: ownedFields({ metadata: { annotations, labels }, spec }),
        },
      ],
    },
    spec: {
      ...spec,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {},
  };
}

function pod(variables: number): Json {
  const defaults = {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  };
  const mount = [{ name: 'models', mountPath: '/mnt/models' }];
  return {
    volumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }],
    initContainers: [
      {
        name: 'fetch',
        image: 'registry.example.com/tools/fetch:1.4.2',
        resources: {},
        volumeMounts: mount,
        ...defaults,
      },
    ],
    containers: [
      {
        name: 'server',
        image: 'tensorflow/serving:2.14.1',
        ports: [
          { name: 'http', containerPort: 8501, protocol: 'TCP' },
          { name: 'grpc', containerPort: 8500, protocol: 'TCP' },
        ],
        env: Array.from({ length: variables }, (_, i) => ({ name: `SERVING_OPTION_${i}`, value: `value-${i}` })),
        resources: { limits: { cpu: '4', memory: '8Gi' }, requests: { cpu: '2', memory: '4Gi' } },
        volumeMounts: mount,
        readinessProbe: {
          httpGet: { path: '/v1/models/resnet50', port: 'http', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
        },
        ...defaults,
      },
      {
        name: 'exporter',
        image: 'registry.example.com/monitoring/exporter:0.9.0',
        args: ['--port=9102'],
        resources: { requests: { cpu: '50m', memory: '64Mi' } },
        ...defaults,
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  };
}

/** The field set of an object as the API server writes it, near enough for its size and depth. */
function ownedFields(value: unknown): Json {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return Object.fromEntries(
      items.map(item => [`k:${JSON.stringify({ name: item['name'] })}`, { '.': {}, ...ownedFields(item) }]),
    );
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [`f:${key}`, ownedFields(field)]));
}
