import { expect, it } from '@jest/globals';
import { appProtocolOf } from './app-protocol.ts';

it.each([
  [undefined, 'http'],
  ['rest', 'http'],
  ['http', 'http'],
  ['http2-api', 'http2'],
  ['grpc', 'grpc'],
  ['grpc-predict', 'grpc'],
  ['grpc-web', 'grpc-web'],
  ['grpc-web-ui', 'grpc-web'],
  ['tcp-raw', 'tcp'],
  ['tls', 'tls'],
  ['https', 'https'],
  ['httpx', 'http'],
  ['predict-grpc', 'http'],
  ['constructor', 'http'],
])('the port %s speaks %s', (name, expected) => {
  expect(appProtocolOf(name)).toBe(expected);
});
