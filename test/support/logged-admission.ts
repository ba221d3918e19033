import { createLog } from '../../runtime/log.ts';
import type { Logger } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/metrics.ts';
import { defaultSettings } from '../../shared/settings-file.ts';
import { createAdmission } from '../../webhook/admission.ts';
import type { Admission } from '../../webhook/admission.ts';

/** Admission by the default settings, all of whose lines, of every level, go into `lines`. */
export function createLoggedAdmission(lines: string[]): Pick<Admission, 'answer'> & { readonly log: Logger } {
  const log = createLog({ level: 'debug', component: 'webhook', write: line => lines.push(line) });
  const { answer } = createAdmission({
    settings: defaultSettings,
    namespaces: new Map(),
    onMissingMutation: 'deny',
    registry: createRegistry(),
    inFlight: () => 0,
    log,
  });
  return { answer, log };
}
