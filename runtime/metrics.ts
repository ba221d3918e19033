import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { createTalliedHistogram } from './tallies.ts';
import type { Tally } from './tallies.ts';

export type { Registry } from 'prom-client';

/** Seconds; from 1 ms, an admission, to 10 s, the longest that anything here may take. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Bytes; from a single variable to the limit of a patch, 1 MiB. */
const PATCH_BUCKETS = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];

/** A registry of its own, never the library's global one: two programs in one process (tests) do not meet. */
export function createRegistry(): Registry {
  return new Registry();
}

/** `process_…` and `nodejs_…`: memory, CPU, open files, lag of the event loop. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

export interface AdmissionMetrics {
  /** One answered request; 0 bytes = no patch. */
  readonly count: (operation: string, result: string, seconds: number, patchBytes: number) => void;
}

/** `inFlight` is asked when the metrics are read, so that a request costs nothing for it. */
export function admissionMetrics(registry: Registry, inFlight: () => number): AdmissionMetrics {
  const registers = [registry];
  new Gauge({
    name: 'waymark_admission_in_flight',
    help: 'Admission requests that are being received or answered.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  new Counter({
    name: 'waymark_admission_requests_total',
    help: 'Admission requests answered. operation: what the API server was asked to do. result: what was answered.',
    labelNames: ['operation', 'result'],
    registers,
    collect() {
      this.reset();
      for (const tally of duration.tallies) this.inc(tally.labels, tally.count);
    },
  });
  const duration = createTalliedHistogram({
    name: 'waymark_admission_duration_seconds',
    help: 'From the last byte of the request to the answer.',
    buckets: DURATION_BUCKETS,
    registry,
  });
  const patches = createTalliedHistogram({
    name: 'waymark_admission_patch_bytes',
    help: 'Size of the JSON Patch of the answers that carry one.',
    buckets: PATCH_BUCKETS,
    registry,
  });
  const patchBytes = patches.tally({});
  const byOperation = new Map<string, Map<string, Tally>>();

  function tallyOf(operation: string, result: string): Tally {
    let byResult = byOperation.get(operation);
    if (byResult === undefined) byOperation.set(operation, (byResult = new Map<string, Tally>()));
    let tally = byResult.get(result);
    if (tally === undefined) byResult.set(result, (tally = duration.tally({ operation, result })));
    return tally;
  }

  return {
    count(operation, result, seconds, bytes) {
      duration.observe(tallyOf(operation, result), seconds);
      if (bytes > 0) patches.observe(patchBytes, bytes);
    },
  };
}

export function findingsMetric(registry: Registry): Counter<'code' | 'severity'> {
  return new Counter({
    name: 'waymark_findings_total',
    help: 'Findings by code. The webhook counts those of its validating hook, so that each counts once a request.',
    labelNames: ['code', 'severity'],
    registers: [registry],
  });
}

/** NaN until the first certificate is known, so that no alert takes 1970 for its end. */
export function certificateExpiryMetric(registry: Registry): Gauge {
  const gauge = new Gauge({
    name: 'waymark_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate in use expires, in seconds since the epoch.',
    registers: [registry],
  });
  gauge.set(NaN);
  return gauge;
}

export interface ApiMetrics {
  readonly writes: Counter<'kind' | 'verb'>;
  readonly watchRestarts: Counter<'kind'>;
}

export function apiMetrics(registry: Registry): ApiMetrics {
  const registers = [registry];
  return {
    writes: new Counter({
      name: 'waymark_api_writes_total',
      help: 'Writes sent to the API server.',
      labelNames: ['kind', 'verb'],
      registers,
    }),
    watchRestarts: new Counter({
      name: 'waymark_watch_restarts_total',
      help: 'Watches that ended otherwise than by their own time limit and were opened again.',
      labelNames: ['kind'],
      registers,
    }),
  };
}

export interface ControllerMetrics {
  readonly reconcileDuration: Histogram;
  readonly queueDepth: Gauge;
  readonly hosts: Gauge<'state'>;
  readonly deployments: Gauge<'state'>;
  readonly externalIds: Gauge<'state'>;
  readonly takeovers: Counter<'result'>;
  readonly contended: Gauge;
  readonly leader: Gauge;
}

export function controllerMetrics(registry: Registry): ControllerMetrics {
  const registers = [registry];
  return {
    reconcileDuration: new Histogram({
      name: 'waymark_reconcile_duration_seconds',
      help: 'One group, from the snapshot to the last write.',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    queueDepth: new Gauge({
      name: 'waymark_queue_depth',
      help: 'Groups that wait to be reconciled.',
      registers,
    }),
    hosts: new Gauge({ name: 'waymark_hosts', help: 'Hosts by state.', labelNames: ['state'], registers }),
    deployments: new Gauge({
      name: 'waymark_deployments',
      help: 'Annotated Deployments by state.',
      labelNames: ['state'],
      registers,
    }),
    externalIds: new Gauge({
      name: 'waymark_external_ids',
      help: 'Numbers of access by address and port, held or free.',
      labelNames: ['state'],
      registers,
    }),
    takeovers: new Counter({
      name: 'waymark_takeovers_total',
      help: 'Hosts that another version leads since. result: promoted by its turn, or rolled_back to.',
      labelNames: ['result'],
      registers,
    }),
    contended: new Gauge({
      name: 'waymark_contended_objects',
      help: 'Objects that are left alone because somebody else reverts each write.',
      registers,
    }),
    leader: new Gauge({ name: 'waymark_leader', help: '1 while this process leads, else 0.', registers }),
  };
}
