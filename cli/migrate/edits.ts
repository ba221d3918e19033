import type { AmbassadorDocument } from './ambassador-document.ts';
import { recordOf, textOf } from './ambassador-document.ts';
import type { Edits } from './flat-text.ts';
import { idsOf } from './gather.ts';
import type { GlobalSettings } from './global-settings.ts';

/** What a Mapping needs to mean in an annotation what it meant before, and what there is to know of it. */
export function editsOf(
  document: AmbassadorDocument,
  { defaults, hostFor, serviceNamespace }: Pick<GlobalSettings, 'defaults' | 'hostFor' | 'serviceNamespace'>,
): { readonly edits: Edits; readonly changes: readonly string[] } {
  const { fields, isNested, ref, labels, apiVersion } = document;
  const without: string[] = [];
  const added: Record<string, unknown> = {};
  const changes: string[] = [];

  // Its namespace is that of the Deployment, and the older dialects know no such field.
  if (!isNested && fields['namespace'] !== undefined) without.push('namespace');
  const ids = ['ambassador_id', 'ambassadorId'].filter(key => fields[key] !== undefined);
  if (ids.length > 0 && !idsOf(document).includes('default')) {
    without.push(...ids);
    changes.push('`ambassador_id` is left out');
  }
  if (fields['host_redirect'] !== true) {
    for (const [field, value] of Object.entries(defaults)) {
      if (fields[field] !== undefined || (fields['shadow'] === true && ABOUT_ANSWERS.has(field))) continue;
      added[field] = value;
      changes.push(`\`${field}\` is that of the Module`);
    }
  }
  const service = textOf(fields['service']);
  if (fields['host_redirect'] !== true && (/^https:/i.test(service) || fields['tls'] === true)) {
    changes.push('the certificate of the Service is verified, which Ambassador did not do');
  }
  if (serviceNamespace !== undefined && serviceNamespace !== ref.namespace && isUnqualified(service)) {
    added['service'] = service.replace(UNQUALIFIED, `$1$2.${serviceNamespace}$3`);
    changes.push(`\`service\` is in ${serviceNamespace}, where the Module has it looked for`);
  }
  if (!namesHost(document)) {
    const host = hostFor(labels);
    if (host !== undefined) added[apiVersion.endsWith('/v3alpha1') ? 'hostname' : 'host'] = host;
    changes.push(
      host === undefined
        ? 'names no host: it is on those of its Deployment, or on the one that all share'
        : 'its host is that of the Host which selects it',
    );
  }
  return { edits: { without, added }, changes };
}

/** Nobody waits for the answer to a copy: they are without effect in a Mapping with `shadow`, and a warning. */
const ABOUT_ANSWERS: ReadonlySet<string> = new Set(['timeout_ms', 'retry_policy', 'cors']);

const UNQUALIFIED = /^(https?:\/\/)?([^.:/]+)((?::\d+)?)$/i;

function isUnqualified(service: string): boolean {
  return UNQUALIFIED.test(service) && !/^(?:https?:\/\/)?localhost(?::|$)/i.test(service);
}

function namesHost({ fields }: AmbassadorDocument): boolean {
  return (
    fields['hostname'] !== undefined ||
    fields['host'] !== undefined ||
    recordOf(fields['headers'])[':authority'] !== undefined
  );
}
