import { readEntryName } from '../render/route-name.ts';
import type { NamedRoute } from '../render/route-name.ts';
import { destinationHosts, objectsIn } from './live.ts';

/** A Mapping for which a live VirtualService sends requests or copies, and where to. */
export interface LiveSender extends NamedRoute {
  readonly host: string;
  readonly port: number;
}

/** Once for each host and port. Of an entry that several Mappings share, all of them send to all of its destinations. */
export function sendersIn({ spec }: { readonly spec?: unknown }): readonly LiveSender[] {
  return objectsIn(spec, 'http').flatMap(entry => {
    const named = typeof entry['name'] === 'string' ? readEntryName(entry['name']) : [];
    return destinationHosts(entry).flatMap(({ host, port = HTTP }) => named.map(one => ({ ...one, host, port })));
  });
}

const HTTP = 80;
