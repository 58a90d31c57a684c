import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import { jsonText } from '../../../homeserver/http/answer.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import type { OwnKeys } from '../../keys/own-keys.ts'

/**
 * `GET /_matrix/key/v2/server`: this server's signing keys. Older servers append the id of the key that they look
 * for; all keys are the answer to that too. The answer is canonical JSON, for readers that take the signature off
 * the text and verify what is left of it.
 */
export function serverKeyRoutes(ownKeys: OwnKeys): Routes {
  const routes = declareRoutes()
  const published = endpoint(anybody, () => jsonText(canonicalJson(ownKeys.published())))
  routes.get('/_matrix/key/v2/server', published)
  routes.get('/_matrix/key/v2/server/:keyId', published)
  return routes
}
