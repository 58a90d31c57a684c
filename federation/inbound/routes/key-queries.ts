import { json } from '../../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { Notary, NotaryQuestion } from '../../keys/notary.ts'

/** Anybody may ask, and each server asked about can cost a request to it. */
const MAX_SERVERS = 100
const MAX_KEYS_PER_SERVER = 50

/** `GET /_matrix/key/v2/query/{serverName}` and `POST /_matrix/key/v2/query`: this server as a notary. */
export function keyQueryRoutes(notary: Notary): Routes {
  const routes = declareRoutes()
  routes.get(
    '/_matrix/key/v2/query/:serverName',
    endpoint(anybody, async (request) => {
      // All keys; those that are not valid for as long as asked are the best there is.
      const questions = [{ server: request.param('serverName'), keyIds: [] }]
      return json({ server_keys: await notary.answer(questions) })
    }),
  )
  routes.post(
    '/_matrix/key/v2/query',
    endpoint(anybody, async (request) => {
      const questions = readQuestions(await request.object(), Date.now())
      return json({ server_keys: await notary.answer(questions) })
    }),
  )
  return routes
}

function readQuestions(body: JsonObject, now: number): NotaryQuestion[] {
  const servers = ownValue(body, 'server_keys')
  if (!isJsonObject(servers))
    throw new MatrixError(400, 'M_BAD_JSON', 'server_keys must be an object of server names')
  const entries = Object.entries(servers)
  if (entries.length > MAX_SERVERS) {
    throw new MatrixError(400, 'M_TOO_LARGE', `At most ${MAX_SERVERS} servers can be asked about at a time`)
  }
  return entries.map(([server, keys]) => ({ server, keyIds: readKeyIds(keys, now) }))
}

function readKeyIds(keys: JsonValue, now: number): NotaryQuestion['keyIds'] {
  if (!isJsonObject(keys))
    throw new MatrixError(400, 'M_BAD_JSON', 'A server must be given an object of key ids')
  const entries = Object.entries(keys)
  if (entries.length > MAX_KEYS_PER_SERVER) {
    throw new MatrixError(
      400,
      'M_TOO_LARGE',
      `At most ${MAX_KEYS_PER_SERVER} keys of a server can be asked for`,
    )
  }
  return entries.map(([keyId, criteria]) => {
    const minimum = isJsonObject(criteria) ? ownValue(criteria, 'minimum_valid_until_ts') : undefined
    return { keyId, minimumValidUntil: typeof minimum === 'number' ? minimum : now }
  })
}
