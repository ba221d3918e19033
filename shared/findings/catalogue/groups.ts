import type { CatalogueRow } from './row.ts';

/** WM120 to WM129: Mappings that take the same requests of one host. */
export const GROUP_ROWS = [
  {
    code: 'WM120',
    name: 'GroupMismatch',
    severity: 'error',
    stops: 'named',
    meaning:
      'Mappings that share the same requests are one route of Istio, which has one way to match, rewrite, time, retry and answer preflights. The later one asks for another, and gets none of the requests. The same text as exact path and as prefix is refused so as well, as Ambassador does.',
    bad: 'weight: 10\nrewrite: /v2/   # the other Mapping of this prefix has `rewrite: /`',
    good: 'weight: 10\nrewrite: /',
  },
  {
    code: 'WM121',
    name: 'WeightsWrong',
    severity: 'error',
    stops: 'named',
    meaning:
      'The weights of Mappings that share the same requests come to more than 100, or to less and there is no Mapping without `weight` to have the rest. As many of the oldest as are right together have the requests.',
    bad: 'weight: 60   # in both of two Mappings',
    good: 'weight: 60   # and 40 in the other one, or none',
  },
  {
    code: 'WM122',
    name: 'ShadowAlone',
    severity: 'error',
    stops: 'named',
    meaning:
      'A shadow gets copies of requests that another Mapping answers, and there is no other Mapping for the same requests.',
    bad: 'shadow: true   # in the only Mapping of its prefix',
    good: 'Write a second Mapping with the same `prefix`, `method` and `headers` and without `shadow`.',
  },
  {
    code: 'WM123',
    name: 'ShadowRepeated',
    severity: 'error',
    stops: 'named',
    meaning: 'Another shadow already gets copies of the same requests; Ambassador knows one for each.',
    bad: 'shadow: true   # in two Mappings of the same prefix',
    good: 'Take one of the two away.',
  },
  {
    code: 'WM124',
    name: 'RouteNeverReached',
    severity: 'warning',
    meaning: 'Another Mapping takes the very same requests and is asked first, since its `precedence` is higher.',
    bad: 'precedence: 0   # another Mapping of this prefix has 1',
    good: 'precedence: 1',
  },
] as const satisfies readonly CatalogueRow[];
