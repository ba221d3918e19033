import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { AuditEntry } from '../types.ts';
import { until } from '../wait.ts';
import type { Api } from './api.ts';

/** Everything is recorded, without bodies. The first stage says nothing that a later one does not. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', nonResourceURLs: ['/readyz', '/livez', '/healthz'] }, { level: 'Metadata' }],
};

const MARK = '/version?mark=';

/** A line of the API server's audit log, as far as it is used here. */
interface AuditEvent {
  readonly auditID: string;
  readonly user: {
    readonly username?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface AuditLog {
  read(since?: number): Promise<readonly AuditEntry[]>;
}

/** Reads the log as it grows; every line is read once. */
export function createAuditLog(file: string, api: Api): AuditLog {
  const decoder = new StringDecoder('utf8');
  const entries = new Map<string, AuditEntry>();
  const marks = new Set<string>();
  let position = 0;
  let rest = '';

  function readOn(): void {
    const descriptor = openSync(file, 'r');
    try {
      const chunk = Buffer.alloc(1 << 20);
      for (let size = 1; size > 0; position += size) {
        size = readSync(descriptor, chunk, 0, chunk.length, position);
        rest += decoder.write(chunk.subarray(0, size));
      }
    } finally {
      closeSync(descriptor);
    }
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as AuditEvent;
      if (event.requestURI.startsWith(MARK)) {
        marks.add(event.requestURI);
        continue;
      }
      // A watch is recorded when it starts and when it ends; one request is one entry.
      if (!entries.has(event.auditID)) entries.set(event.auditID, entryOf(event));
    }
  }

  return {
    async read(since = 0) {
      // The server answers before it writes. Once a later request is in the log, so are the ones before it.
      const mark = `${MARK}${randomUUID()}`;
      await api.expect([200], 'GET', mark);
      await until('the end of the audit log', () => {
        readOn();
        return marks.has(mark);
      });
      return Array.from(entries.values()).filter(entry => entry.at >= since);
    },
  };
}

function entryOf(event: AuditEvent): AuditEntry {
  const { objectRef } = event;
  return {
    user: event.user.username ?? '',
    pod: event.user.extra?.['authentication.kubernetes.io/pod-name']?.[0] ?? '',
    verb: event.verb,
    uri: event.requestURI,
    resource: objectRef?.resource ?? '',
    subresource: objectRef?.subresource ?? '',
    namespace: objectRef?.namespace ?? '',
    name: objectRef?.name ?? '',
    code: event.responseStatus?.code ?? 0,
    userAgent: event.userAgent ?? '',
    at: Date.parse(event.requestReceivedTimestamp),
    annotations: event.annotations ?? {},
  };
}
