import { json } from '../../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'

/** `GET /_matrix/federation/v1/version`: what this server runs. */
export function versionRoutes(software: { readonly name: string; readonly version: string }): Routes {
  const routes = declareRoutes()
  const { name, version } = software
  routes.get(
    '/_matrix/federation/v1/version',
    endpoint(anybody, () => json({ server: { name, version } })),
  )
  return routes
}
