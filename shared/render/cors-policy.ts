import type { Cors } from '../intent.ts';
import type { JsonObject } from '../json.ts';
import { durationText } from './duration.ts';

/** `exact: "*"` is how Istio writes all origins. Preflights of other origins are sent on, as with Ambassador. */
export function renderCors({ origins, methods, headers, exposedHeaders, credentials, maxAge }: Cors): JsonObject {
  return {
    allowOrigins: origins.map(exact => ({ exact })),
    ...(methods.length > 0 && { allowMethods: methods }),
    ...(headers.length > 0 && { allowHeaders: headers }),
    ...(exposedHeaders.length > 0 && { exposeHeaders: exposedHeaders }),
    ...(maxAge !== undefined && { maxAge: durationText(maxAge * 1000) }),
    ...(credentials && { allowCredentials: true }),
  };
}
