import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'

/** Fields that clients take for text without looking (client-server API, "Profiles"). */
const TEXT_FIELDS = ['displayname', 'avatar_url', 'm.tz']

/**
 * The profile of another server's user (server-server API, `GET /query/profile`).
 *
 * @returns undefined when the server tells none.
 * @throws MatrixError 502 when it cannot be asked.
 */
export async function queryProfile(
  { client }: RemoteRoomDependencies,
  userId: string,
  field?: string,
): Promise<JsonObject | undefined> {
  const server = serverOf(userId)
  try {
    const profile = await client.queryProfile(server, userId, field)
    const malformed = new Set(TEXT_FIELDS.filter((name) => typeof ownValue(profile, name) !== 'string'))
    return Object.fromEntries(
      Object.entries(profile).filter(
        ([name]) => !malformed.has(name) && (field === undefined || name === field),
      ),
    )
  } catch (error) {
    if (!(error instanceof FederationRequestError)) throw error
    if (error.kind === 'refused') return undefined
    throw new MatrixError(502, 'M_UNKNOWN', `${server} could not be asked for the profile.`)
  }
}
