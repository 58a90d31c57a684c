import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/** The profiles of this server's users. */
export interface ProfileSource {
  /** All fields that may be made public; undefined for a user who does not exist. */
  publicProfile(userId: string): Promise<JsonObject | undefined>
}

export interface QueryProfileOptions {
  readonly serverName: string
  readonly profiles: ProfileSource
  /** Whether other servers may look profiles up at all. */
  readonly allowed: boolean
}

/** `GET /_matrix/federation/v1/query/profile`: the profile of a local user, or one field of it. */
export function queryProfileRoutes(
  gate: RequestGate,
  { serverName, profiles, allowed }: QueryProfileOptions,
): Routes {
  const routes = declareRoutes()
  routes.get(
    '/_matrix/federation/v1/query/profile',
    signedEndpoint(gate, async (request) => {
      if (!allowed)
        throw new MatrixError(403, 'M_FORBIDDEN', 'This server does not show profiles to other servers')
      const userId = request.query('user_id')
      if (userId === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', 'user_id is missing')
      if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'user_id is not a user id')
      const profile = serverOf(userId) === serverName ? await profiles.publicProfile(userId) : undefined
      if (!profile) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user on this server')
      const field = request.query('field')
      if (field === undefined) return json(profile)
      const value = ownValue(profile, field)
      return json(value === undefined ? {} : { [field]: value })
    }),
  )
  return routes
}
