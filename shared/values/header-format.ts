/** Why the value of a header is none in Envoy's format, and what to write. */
export interface HeaderFormatFault {
  readonly must: string;
  readonly fix: string;
}

const ADDRESSES = ['DOWNSTREAM_REMOTE_ADDRESS', 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS', 'DOWNSTREAM_LOCAL_ADDRESS'].flatMap(
  name => [name, `${name}_WITHOUT_PORT`],
);

/**
 * Envoy's commands that may stand between two `%`. It knows more, and some tell what is the gateway's own (its
 * environment, its files), or came late: an unknown one makes it refuse all routes that came with it.
 */
const COMMANDS: ReadonlySet<string> = new Set([
  ...ADDRESSES,
  'DOWNSTREAM_LOCAL_PORT',
  'UPSTREAM_REMOTE_ADDRESS',
  'UPSTREAM_HOST',
  'UPSTREAM_CLUSTER',
  'PROTOCOL',
  'RESPONSE_CODE',
  'RESPONSE_CODE_DETAILS',
  'RESPONSE_FLAGS',
  'BYTES_RECEIVED',
  'BYTES_SENT',
  'DURATION',
  'CONNECTION_ID',
  'REQUESTED_SERVER_NAME',
  'ROUTE_NAME',
  'VIRTUAL_CLUSTER_NAME',
  'HOSTNAME',
  'START_TIME',
  'DOWNSTREAM_TLS_VERSION',
  'DOWNSTREAM_TLS_CIPHER',
  'DOWNSTREAM_TLS_SESSION_ID',
  'DOWNSTREAM_PEER_FINGERPRINT_256',
  'DOWNSTREAM_PEER_SERIAL',
  'DOWNSTREAM_PEER_ISSUER',
  'DOWNSTREAM_PEER_SUBJECT',
  'DOWNSTREAM_PEER_URI_SAN',
  'DOWNSTREAM_PEER_CERT',
  'DOWNSTREAM_PEER_CERT_V_START',
  'DOWNSTREAM_PEER_CERT_V_END',
  'DOWNSTREAM_LOCAL_SUBJECT',
  'DOWNSTREAM_LOCAL_URI_SAN',
]);

/** A command with a header's name, perhaps a second one, perhaps a length; or the time in a format. */
const WITH_ARGUMENT =
  /^(?:REQ|RESP)\(:?[A-Za-z0-9._-]{1,128}(?:\?:?[A-Za-z0-9._-]{1,128})?\)(?::\d{1,5})?$|^START_TIME\((?:[-/:. A-Za-z0-9]|%[a-zA-Z])+\)$/;

/** Undefined = the text is a value in Envoy's format: `%` is written twice, or begins a command that ends with `%`. */
export function headerFormatFault(text: string): HeaderFormatFault | undefined {
  if (!/^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(text)) {
    return { must: 'must be visible ASCII without blanks at its ends', fix: 'write the value as it is to be sent' };
  }
  let at = text.indexOf('%');
  while (at !== -1) {
    const [all, name = ''] = commandAt(text, at);
    if (all === undefined) {
      return {
        must: "must have no single '%': Envoy takes it for the beginning of a command such as %REQ(x-id)%",
        fix: `write '${text.slice(0, at)}%%${text.slice(at + 1)}'`,
      };
    }
    if (name !== '' && !COMMANDS.has(name) && !WITH_ARGUMENT.test(name)) {
      return {
        must: "must have commands between two '%' that every Envoy knows, such as %PROTOCOL% and %REQ(x-id)%",
        fix: `write another one for '${all}', or '%%' for a percent sign`,
      };
    }
    at = text.indexOf('%', at + all.length);
  }
  return undefined;
}

/** `%%`, or a command from its first to its last `%`, in whose brackets there may be others. */
function commandAt(text: string, at: number): readonly string[] {
  const command = /%(?:%|([A-Z0-9_]+(?:\([^()]*\)(?::\d+)?)?)%)/y;
  command.lastIndex = at;
  return command.exec(text) ?? [];
}
