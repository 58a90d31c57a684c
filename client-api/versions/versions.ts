import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/**
 * Every version by itself, because clients look for exact entries. A version is listed once what clients make
 * depend on it works here.
 */
const VERSIONS: readonly string[] = [
  'r0.6.1',
  ...['v1.1', 'v1.2', 'v1.3', 'v1.4', 'v1.5', 'v1.6', 'v1.7', 'v1.8', 'v1.9', 'v1.10'],
]

/** Unstable features that work here, and those whose stable form does while clients ask for the older name. */
const UNSTABLE_FEATURES: Readonly<Record<string, boolean>> = {
  'uk.tcpip.msc4133': true,
  'uk.tcpip.msc4133.stable': true,
}

/** `GET /versions`. */
export function versionRoutes({ open }: ClientEndpoints): Routes {
  const answer = json({ versions: VERSIONS, unstable_features: UNSTABLE_FEATURES })
  return declareRoutes().get(
    '/_matrix/client/versions',
    open(() => answer),
  )
}
