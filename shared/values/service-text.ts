import { isDnsName, isServiceName } from './dns.ts';

/** What a Mapping's `service` says, before it is known which namespaces there are. */
export interface ServiceText {
  readonly name: string;
  /** Everything behind the first dot: `kubeflow`, `kubeflow.svc`, `kubeflow.svc.cluster.local`, `org`. */
  readonly rest?: string;
  /** Absent = 80, or 443 with TLS. */
  readonly port?: number;
  /** Absent = none is written. */
  readonly scheme?: 'http' | 'https';
}

/** Why a text is none. */
export interface ServiceTextFault {
  readonly must: string;
  readonly fix: string;
}

const FORM = 'must be `name`, `name.namespace`, `name.namespace.svc` or a host outside, with `:port` behind it';

const SCHEMES = ['http', 'https'] as const;

/** Reads `[http[s]://]name[.namespace[.svc…]][:port]`. */
export function parseServiceText(text: string): ServiceText | ServiceTextFault {
  const [, written, target = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/.exec(text) ?? [];
  const scheme = SCHEMES.find(each => each === written?.toLowerCase());
  if (written !== undefined && scheme === undefined) {
    return { must: 'must have `http://`, `https://` or nothing in front', fix: `write '${target}'` };
  }
  const [, host = '', portText] = /^([^:/?#]*)(?::(\d+))?$/.exec(target) ?? [];
  if (host === '') return { must: FORM, fix: shorter(target) };
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    return { must: 'must have a port from 1 to 65535', fix: `write '${host}' with the port of the Service behind it` };
  }
  const reading = named(host, port);
  return 'name' in reading && scheme !== undefined ? { ...reading, scheme } : reading;
}

function named(host: string, port: number | undefined): ServiceText | ServiceTextFault {
  const lower = host.toLowerCase();
  if (host !== lower) return { must: 'must be in lower case', fix: `write '${lower}'` };
  if (!isDnsName(host)) return { must: FORM, fix: "write the name of a Service such as 'web:8080'" };
  if (host === 'localhost') {
    return { must: 'must be no place in the gateway itself', fix: "write the name of a Service such as 'web:8080'" };
  }
  const dot = host.indexOf('.');
  const name = dot === -1 ? host : host.slice(0, dot);
  if (dot === -1 && !isServiceName(name)) {
    return {
      must: 'must name a Service: a DNS label that begins with a letter',
      fix: "write a name such as 'web:8080'",
    };
  }
  return {
    name,
    ...(dot !== -1 && { rest: host.slice(dot + 1) }),
    ...(port !== undefined && { port }),
  };
}

/** Without path and port, if that is a name. */
function shorter(target: string): string {
  const [host = ''] = target.split(/[:/?#]/);
  return isDnsName(host) ? `write '${host}' and the number of its port behind a colon` : "write 'name:port'";
}
