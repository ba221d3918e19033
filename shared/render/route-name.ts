import { membersOf } from '../plan/route.ts';
import type { Route } from '../plan/route.ts';
import { CATCH_ALL, MODEL_PATH, routeName } from './names.ts';

/** Between the names of several Mappings that share the same requests; no name has it in itself. */
const SEPARATOR = '+';

/** The name of an entry of a VirtualService: of all that are behind it. */
export function entryName(route: Route): string {
  return membersOf(route).map(nameOf).join(SEPARATOR);
}

function nameOf({ intent, mapping, modelPath }: Route): string {
  const { namespace, name } = intent.object;
  return routeName(namespace, name, mapping?.name ?? (modelPath === undefined ? CATCH_ALL : MODEL_PATH));
}

/** One of those that are behind an entry. */
export interface NamedRoute {
  readonly namespace: string;
  readonly deployment: string;
  readonly route: string;
}

/** As it stands in the name of the entry. */
export function nameText({ namespace, deployment, route }: NamedRoute): string {
  return routeName(namespace, deployment, route);
}

/** What `entryName` wrote; empty where somebody else wrote the name. */
export function readEntryName(text: string): readonly NamedRoute[] {
  const named = text.split(SEPARATOR).map((name): NamedRoute => {
    const [namespace = '', deployment = '', ...route] = name.split('/');
    return { namespace, deployment, route: route.join('/') };
  });
  const isOurs = named.every(one => one.namespace !== '' && one.deployment !== '' && one.route !== '');
  return isOurs ? named : [];
}
