import { REDIRECT_CODES } from '../intent.ts';
import type { RedirectCode } from '../intent.ts';
import { SINCE_V2 } from './dialects.ts';
import type { Field, Read } from './field.ts';
import { readPath } from './mapping-readers.ts';
import { readBoolean, readWholeNumber, reportValue } from './readers.ts';

const readNumber = readWholeNumber(100, 599);

const readRedirectCode: Read<RedirectCode> = (node, path, report) => {
  const number = readNumber(node, path, report);
  const code = REDIRECT_CODES.find(each => each === number);
  if (code === undefined && number !== undefined) {
    reportValue(report, node, path, `must be one of ${REDIRECT_CODES.join(', ')}`, 'write `301`');
  }
  return code;
};

/** Fields of a Mapping whose requests are answered with another address. */
export const REDIRECT_FIELDS = {
  host_redirect: {
    outcome: 'built',
    type: 'boolean',
    default: 'false',
    doc: 'Requests are not sent to `service`: the client is told to ask that host',
    becomes: '`redirect.authority`, with `.scheme` and `.port` if `service` has them',
    read: readBoolean,
  },
  path_redirect: {
    outcome: 'built',
    type: 'path',
    default: "the request's",
    doc: 'Path of the redirect; only with `host_redirect`',
    becomes: '`redirect.uri`',
    read: readPath,
  },
  prefix_redirect: {
    outcome: 'built',
    type: 'path',
    default: 'none',
    doc: 'What replaces the prefix in the path of the redirect; only with `host_redirect`, and from Istio 1.31 on',
    becomes: '`redirect.prefixRewrite`',
    dialects: SINCE_V2,
    read: readPath,
  },
  redirect_response_code: {
    outcome: 'built',
    type: REDIRECT_CODES.join(', '),
    default: '301',
    doc: 'Status of the redirect',
    becomes: '`redirect.redirectCode`',
    dialects: SINCE_V2,
    read: readRedirectCode,
  },
} as const satisfies Record<string, Field>;
