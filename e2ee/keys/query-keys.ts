import { isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { MAX_DEVICES_A_REQUEST, MAX_USERS_A_QUERY } from './key-limits.ts'
import type { KeyServices, KeyUser } from './key-services.ts'
import { keyAnswerText } from './key-answer.ts'
import { localKeys } from './local-keys.ts'
import { badJson, requiredMap } from './read-map.ts'
import type { FoundKeys, WantedDevices } from './user-keys.ts'

/** Nobody was asked. */
const NOTHING_FOUND: FoundKeys = { users: new Map(), failures: new Map() }

/**
 * Reads `device_keys` of a query. What cannot be a user has no keys.
 *
 * @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON, M_TOO_LARGE.
 */
export function readWantedDevices(body: JsonObject): Map<string, readonly string[]> {
  const wanted = requiredMap(body, 'device_keys')
  const users = Object.keys(wanted)
  if (users.length > MAX_USERS_A_QUERY) {
    throw new MatrixError(400, 'M_TOO_LARGE', `At most ${MAX_USERS_A_QUERY} users can be asked for at once`)
  }
  let named = 0
  const entries = users.map((userId) => {
    const devices = ownValue(wanted, userId)
    if (!Array.isArray(devices)) throw badJson('`device_keys` must hold lists of device ids')
    named += devices.length
    if (named > MAX_DEVICES_A_REQUEST) {
      throw new MatrixError(400, 'M_TOO_LARGE', `At most ${MAX_DEVICES_A_REQUEST} devices can be named`)
    }
    const ids = devices.map((id) => {
      if (typeof id === 'string') return id
      throw badJson('`device_keys` must hold lists of device ids')
    })
    return [userId, ids] as const
  })
  return new Map(entries.filter(([userId]) => isUserId(userId)))
}

/**
 * The keys of users of any server (client-server API, `POST /keys/query`), with the signatures that the viewer may see.
 *
 * @param timeoutMs how long other servers may take; those that do not answer in time are named as failures.
 * @returns JSON text.
 */
export async function queryKeys(
  services: KeyServices,
  viewer: KeyUser,
  wanted: WantedDevices,
  timeoutMs: number,
): Promise<string> {
  const { serverName, remoteKeys } = services
  const isLocal = ([userId]: readonly [string, unknown]): boolean => serverOf(userId) === serverName
  const here = new Map([...wanted].filter((entry) => isLocal(entry)))
  const away = new Map([...wanted].filter((entry) => !isLocal(entry)))
  const [local, found] = await Promise.all([
    localKeys(services, here, { showNames: true }),
    away.size > 0 && remoteKeys ? remoteKeys.query(away, timeoutMs) : NOTHING_FOUND,
  ])
  // Users of this server who do not exist are there without keys, so that nobody can find out who exists.
  const nobody = [...here.keys()].filter((userId) => !local.has(userId))
  const users = new Map([
    ...local,
    ...nobody.map((userId) => [userId, { devices: new Map() }] as const),
    ...found.users,
  ])
  return keyAnswerText(services, users, found.failures, viewer)
}
