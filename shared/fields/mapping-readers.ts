import type { Report } from '../annotation/complaint.ts';
import { isDnsName } from '../values/dns.ts';
import { parseServiceText } from '../values/service-text.ts';
import type { ServiceText } from '../values/service-text.ts';
import { described } from './field.ts';
import type { Read } from './field.ts';
import { checkHost } from './host.ts';
import type { WrittenText } from './named-texts.ts';
import { readFilledText, readText, readTextThat, reportValue } from './readers.ts';

export const readMappingName: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text)) return text;
  reportValue(
    report,
    node,
    path,
    'must be at most 253 letters, digits, dashes, underscores and dots, with a letter or digit at both ends',
    "write a name such as 'resnet-predict'",
  );
  return undefined;
};

/** Text whose meaning other fields decide: `prefix` and `method`. */
export const readWritten: Read<WrittenText> = (node, path, report) => {
  const text = readText(node, path, report);
  return text === undefined || node.kind !== 'scalar' ? undefined : { text, node };
};

/**
 * Letters of a path as RFC 3986 has them, `%` only before two hexadecimal digits. Without `$`: Ambassador filled in
 * variables of its own environment there.
 */
const PATH = /^\/(?:[A-Za-z0-9\-._~!&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
const PATH_RULE =
  "must begin with '/' and be written as in a URL: letters, digits and -._~!&'()*+,;=:@/ as they are, others as '%' and two digits";

/** Segments that are taken out of a path before routes are asked, also in code: no request ever has one. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}\//i;

/** Whether a request's path can begin with the text; if not, that is reported. */
export function isPrefix({ text, node }: WrittenText, path: string, report: Report): boolean {
  if (DOT_SEGMENT.test(text)) {
    const must = "must have no segment '.' or '..', since a request has none when its route is looked for";
    reportValue(report, node, path, must, 'write the path without it');
    return false;
  }
  if (!PATH.test(text)) {
    reportPath(report, node, path, text);
    return false;
  }
  const asCompared = text.replace(/%[0-9A-Fa-f]{2}/g, decodedIfPlain);
  if (asCompared === text) return true;
  const must =
    'must have letters, digits and -._~ as they are, since a request has them so when its route is looked for';
  reportValue(report, node, path, must, `write '${asCompared}'`);
  return false;
}

/** The gateway does the same with the path of a request. */
function decodedIfPlain(escape: string): string {
  const character = String.fromCharCode(parseInt(escape.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escape;
}

export const readPath: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || PATH.test(text)) return text;
  reportPath(report, node, path, text);
  return undefined;
};

export const readRewrite: Read<string> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined || text === '' || PATH.test(text)) return text;
  reportPath(report, node, path, text);
  return undefined;
};

function reportPath(report: Report, node: Parameters<Read<string>>[0], path: string, text: string): void {
  const [beforeQuery = ''] = text.split(/[?#]/);
  const slashed = beforeQuery.startsWith('/') ? beforeQuery : `/${beforeQuery}`;
  reportValue(
    report,
    node,
    path,
    PATH_RULE,
    PATH.test(slashed) ? `write '${slashed}'` : "write a path such as '/models/'",
  );
}

/** Whether the text is one method; if not, that is reported. */
export function isMethod({ text, node }: WrittenText, path: string, report: Report): boolean {
  if (/^[A-Z]{1,32}$/.test(text)) return true;
  const method = text.toUpperCase().replace(/[^A-Z]/g, '');
  reportValue(
    report,
    node,
    path,
    'must be one HTTP method in capitals',
    /^[a-z]+$/i.test(text)
      ? `write '${method}'`
      : "write one such as 'POST', several as 'GET|POST' with `method_regex: true`, or leave it out for all",
  );
  return false;
}

/** A host in canonical form, or `all` for `*`. */
export type HostChoice = { readonly host: string } | 'all';

export const readHostname: Read<HostChoice> = (node, path, report) => {
  const text = readText(node, path, report);
  if (text === undefined) return undefined;
  if (text === '*') {
    report({
      name: 'HostOfAll',
      at: node.at,
      path,
      must: 'must name a host',
      found: "but is '*', read as if it were left out",
      fix: `write the host, or leave \`${path}\` out`,
    });
    return 'all';
  }
  const host = checkHost(text, node.at, path, report);
  return host === undefined ? undefined : { host };
};

export const readService: Read<ServiceText> = (node, path, report) => {
  const text = readFilledText(node, path, report);
  if (text === undefined) return undefined;
  const reading = parseServiceText(text);
  if ('name' in reading) return reading;
  report({
    name: 'ServiceTextWrong',
    at: node.at,
    path,
    must: reading.must,
    found: described(node),
    fix: reading.fix,
  });
  return undefined;
};

/** A host as a request names it, with its port if that is not the scheme's. */
export const readAuthority = readTextThat(
  text => {
    const [, host = '', port] = /^([^:]*)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
    return isDnsName(host.toLowerCase()) && Number(port ?? 1) <= 65_535;
  },
  'must be a host, with `:port` behind it if need be',
  "write a name such as 'models.example.com'",
);

/** Whether the Mapping is for this Ambassador: the ids hold `default` or `_automatic_`. */
export const readAmbassadorId: Read<boolean> = (node, path, report) => {
  const items = node.kind === 'list' ? node.items : [node];
  const ids = items.map((item, index) => readText(item, node.kind === 'list' ? `${path}[${index}]` : path, report));
  if (ids.includes(undefined)) return undefined;
  return ids.length === 0 || ids.includes('default') || ids.includes('_automatic_');
};
