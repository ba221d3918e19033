import type { Cluster, EchoAnswer } from '../../test/cluster/types.ts';
import { until } from '../../test/cluster/wait.ts';

/** A request that the demo sends through the gateway, and who must answer it. */
export interface DemoRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
  readonly path: string;
  /** The Deployment whose Pod must answer, the port it must be reached at and the path that must arrive; absent = 404. */
  readonly answer?: { readonly deployment: string; readonly port: number; readonly path: string };
}

const RESNET = 'tfserving-resnet50-20240501';
const PREDICT = '/v1/models/resnet50:predict';

export const REQUESTS: readonly DemoRequest[] = [
  {
    method: 'POST',
    host: 'resnet.example.com',
    path: PREDICT,
    answer: { deployment: RESNET, port: 8501, path: PREDICT },
  },
  {
    method: 'GET',
    host: `${RESNET}.service.service.example.com`,
    path: '/v1/models/resnet50',
    answer: { deployment: RESNET, port: 8501, path: '/v1/models/resnet50' },
  },
  {
    method: 'POST',
    host: 'models.example.com',
    path: '/models/test/',
    answer: { deployment: 'test', port: 8000, path: '/model/test/:predict' },
  },
  {
    method: 'GET',
    host: 'models.example.com',
    path: '/models/test/version',
    answer: { deployment: 'test', port: 8000, path: '/model/test/version' },
  },
  { method: 'GET', host: 'nobody.example.com', path: '/' },
];

/** Sends a request until the wanted answer comes, and resolves with it in one line; rejects after 20 s with the last answer. */
export async function answered(cluster: Cluster, { method, host, path, answer }: DemoRequest): Promise<string> {
  return until(
    `${method} http://${host}${path}`,
    async () => {
      const got = await cluster.send({ method, host, path });
      if (answer === undefined) {
        if (got.status !== 404) throw new Error(`it was answered with ${got.status} and not with 404`);
        return '404: nobody has this host';
      }
      if (got.status !== 200) throw new Error(`it was answered with ${got.status}: ${got.body.slice(0, 200)}`);
      const echo = JSON.parse(got.body) as EchoAnswer;
      const isRight =
        echo.pod.startsWith(`${answer.deployment}-`) && echo.port === answer.port && echo.path === answer.path;
      if (!isRight) throw new Error(`${echo.pod} port ${echo.port} got ${echo.path}`);
      return `200: Pod ${echo.pod}, port ${echo.port}, got ${echo.method} ${echo.path}`;
    },
    { timeout: 20_000 },
  );
}
