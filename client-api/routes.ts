import type { Routes } from '../homeserver/http/endpoint.ts'
import type { ClientApiContext } from './context.ts'
import { clientEndpoints } from './http/client-endpoints.ts'
import { registrationRoutes } from './registration/routes.ts'
import { sessionRoutes } from './session/routes.ts'
import { versionRoutes } from './versions/versions.ts'
import { wellKnownRoutes } from './well-known/well-known.ts'

/** Every module's routes of the client API that need nothing but accounts. */
export function accountRoutes(context: ClientApiContext): readonly Routes[] {
  const endpoints = clientEndpoints(context.accounts)
  return [
    versionRoutes(endpoints),
    wellKnownRoutes(context, endpoints),
    registrationRoutes(context, endpoints),
    sessionRoutes(context, endpoints),
  ]
}
