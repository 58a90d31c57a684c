import { jsonText, type Answer } from '../../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { addressKey } from '../../../homeserver/rate-limits/address-key.ts'
import type { RateLimits } from '../../../homeserver/rate-limits/rate-limits.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { Notary, NotaryQuestion } from '../../keys/notary.ts'

/** Anybody may ask, and each server asked about can cost a request to it. */
const MAX_SERVERS = 100
const MAX_KEYS_PER_SERVER = 50

/** `GET /_matrix/key/v2/query/{serverName}` and `POST /_matrix/key/v2/query`: this server as a notary. */
export function keyQueryRoutes(notary: Notary, limits: Pick<RateLimits, 'serverKeyQueries'>): Routes {
  const limit = ({ clientAddress }: IncomingRequest): void =>
    limits.serverKeyQueries.consume(addressKey(clientAddress))
  const routes = declareRoutes()
  routes.get(
    '/_matrix/key/v2/query/:serverName',
    endpoint(anybody, async (request) => {
      limit(request)
      const minimum = Number(request.query('minimum_valid_until_ts') ?? Date.now())
      if (!Number.isSafeInteger(minimum)) {
        throw new MatrixError(
          400,
          'M_INVALID_PARAM',
          'minimum_valid_until_ts must be a number of milliseconds',
        )
      }
      const question = { server: request.param('serverName'), keyIds: new Map(), minimumValidUntil: minimum }
      return answer(await notary.answer([question]))
    }),
  )
  routes.post(
    '/_matrix/key/v2/query',
    endpoint(anybody, async (request) => {
      limit(request)
      return answer(await notary.answer(readQuestions(await request.object(), Date.now())))
    }),
  )
  return routes
}

/** Others signed what they signed: their statements go out as they are, odd numbers included. */
function answer(statements: JsonObject[]): Answer {
  return jsonText(canonicalJson({ server_keys: statements }, { strict: false }))
}

function readQuestions(body: JsonObject, now: number): NotaryQuestion[] {
  const servers = ownValue(body, 'server_keys')
  if (!isJsonObject(servers))
    throw new MatrixError(400, 'M_BAD_JSON', 'server_keys must be an object of server names')
  const entries = Object.entries(servers)
  if (entries.length > MAX_SERVERS) {
    throw new MatrixError(400, 'M_TOO_LARGE', `At most ${MAX_SERVERS} servers can be asked about at a time`)
  }
  return entries.map(([server, keys]) => ({ server, keyIds: readKeyIds(keys, now), minimumValidUntil: now }))
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
  return new Map(
    entries.map(([keyId, criteria]) => {
      const minimum = isJsonObject(criteria) ? ownValue(criteria, 'minimum_valid_until_ts') : undefined
      return [keyId, typeof minimum === 'number' ? minimum : now]
    }),
  )
}
