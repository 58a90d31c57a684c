import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isDeviceId } from '../../protocol/identifiers/device-id.ts'
import { isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { takeFallbackKeys, takeOneTimeKeys, type KeyWish } from '../../storage/e2ee/claim-keys.ts'
import { member, objectText } from './key-answer.ts'
import { MAX_DEVICES_A_REQUEST } from './key-limits.ts'
import type { KeyServices } from './key-services.ts'
import { isKeyName } from './one-time-keys-shape.ts'
import { requiredMap, textEntries } from './read-map.ts'
import type { ClaimedKeys, WantedOneTimeKeys } from './user-keys.ts'

/**
 * Reads `one_time_keys` of a claim. What cannot be a user or a device has no keys.
 *
 * @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON, M_TOO_LARGE.
 */
export function readWantedOneTimeKeys(body: JsonObject): WantedOneTimeKeys {
  const wanted = requiredMap(body, 'one_time_keys')
  let devices = 0
  const users = Object.keys(wanted).map((userId) => {
    const entries = textEntries(ownValue(wanted, userId), 'The users of `one_time_keys`')
    devices += Math.max(entries.length, 1)
    if (devices > MAX_DEVICES_A_REQUEST) {
      throw new MatrixError(
        400,
        'M_TOO_LARGE',
        `Keys of ${MAX_DEVICES_A_REQUEST} devices can be claimed at once`,
      )
    }
    return [userId, new Map(entries.filter(([id, name]) => isDeviceId(id) && isKeyName(name)))] as const
  })
  return new Map(users.filter(([userId, keys]) => isUserId(userId) && keys.size > 0))
}

/**
 * Gives out one key of each device of this server's users: the oldest one-time key, which nobody else gets, and the
 * fallback key where none is left.
 */
export async function claimLocalKeys(
  { queries, interner, stocks }: Pick<KeyServices, 'queries' | 'interner' | 'stocks'>,
  wanted: WantedOneTimeKeys,
): Promise<ClaimedKeys['users']> {
  const userNids = await interner.findUserNids(wanted.keys())
  const userIds = new Map(Array.from(userNids, ([userId, userNid]) => [userNid, userId]))
  const wishes = [...userNids].flatMap(([userId, userNid]) =>
    Array.from(wanted.get(userId)!, ([deviceId, algorithm]): KeyWish => ({ userNid, deviceId, algorithm })),
  )
  if (wishes.length === 0) return new Map()
  const taken = await takeOneTimeKeys(queries, wishes)
  const served = new Set(taken.map(deviceOf))
  const unserved = wishes.filter((wish) => !served.has(deviceOf(wish)))
  const fallback = unserved.length > 0 ? await takeFallbackKeys(queries, unserved) : []
  const keys = [...taken, ...fallback]
  if (keys.length > 0) await stocks.given(keys)
  const users = new Map<string, Map<string, string>>()
  for (const { userNid, deviceId, algorithm, keyId, content } of keys) {
    const userId = userIds.get(userNid)!
    const devices = users.get(userId) ?? new Map<string, string>()
    users.set(userId, devices.set(deviceId, objectText([member(`${algorithm}:${keyId}`, content)])))
  }
  return users
}

/**
 * Claims keys of users of any server (client-server API, `POST /keys/claim`).
 *
 * @returns JSON text.
 */
export async function claimKeys(
  services: KeyServices,
  wanted: WantedOneTimeKeys,
  timeoutMs: number,
): Promise<string> {
  const { serverName, remoteClaims } = services
  const here = new Map([...wanted].filter(([userId]) => serverOf(userId) === serverName))
  const away = new Map([...wanted].filter(([userId]) => serverOf(userId) !== serverName))
  const [local, found] = await Promise.all([
    claimLocalKeys(services, here),
    away.size > 0 ? remoteClaims.claim(away, timeoutMs) : undefined,
  ])
  const users = new Map([...local, ...(found?.users ?? [])])
  return objectText([
    member('one_time_keys', claimedText(users)),
    member('failures', JSON.stringify(Object.fromEntries(found?.failures ?? []))),
  ])
}

/** `{"@user:server":{"DEVICE":{"algorithm:id":key}}}` */
export function claimedText(users: ClaimedKeys['users']): string {
  return objectText(
    Array.from(users, ([userId, devices]) =>
      member(userId, objectText(Array.from(devices, ([deviceId, key]) => member(deviceId, key)))),
    ),
  )
}

function deviceOf({ userNid, deviceId }: KeyWish): string {
  return `${userNid}/${deviceId}`
}
