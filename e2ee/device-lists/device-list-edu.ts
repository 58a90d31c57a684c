import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { crossSigningKeysOf } from '../../storage/e2ee/cross-signing-keys.ts'
import { deviceKeysOf } from '../../storage/e2ee/device-keys.ts'
import { deviceNames, type OutgoingChange } from '../../storage/e2ee/device-list-outbox.ts'
import { CROSS_SIGNING } from '../../storage/e2ee/device-list-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { crossSigningText, extraSignatures } from '../keys/key-answer.ts'
import { signedKeyText } from '../keys/signed-key.ts'

/** What EDUs are made from. */
export interface DeviceEduServices {
  readonly queries: Queries
  readonly interner: Interner
  /** Whether other servers are told the names of devices. */
  readonly tellsNames: boolean
}

/** What a message says of one device; the numbers are those of other servers' order. */
interface DeviceChange {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly position: number
  readonly previous: number | null
}

/**
 * The EDUs of changes, in their order, with the keys as they are now (server-server API, "Device Management"): four
 * queries, whatever the number. Of a user's cross-signing keys the last change alone is told.
 *
 * @param introduced so many devices of a user are told in an introduction; who is told fetches the list anyway, because
 *   the first message names none before it.
 */
export async function deviceListEdus(
  { queries, interner, tellsNames }: DeviceEduServices,
  changes: readonly OutgoingChange[],
  introduced: number,
): Promise<JsonObject[]> {
  if (changes.length === 0) return []
  const userNids = [...new Set(changes.map(({ userNid }) => userNid))]
  const [userIds, keys, names, crossSigning] = await Promise.all([
    interner.userIds(userNids),
    deviceKeysOf(queries, userNids),
    deviceNames(queries, userNids),
    crossSigningKeysOf(queries, userNids),
  ])
  const signatures = await extraSignatures({ queries, interner }, [...userIds.values()], undefined)
  const keyTexts = new Map(
    keys.map((key) => {
      const extra = signatures.get(userIds.get(key.userNid) ?? '')?.get(key.deviceId)
      return [`${key.userNid}/${key.deviceId}`, signedKeyText(key, extra)]
    }),
  )

  const deviceEdu = ({ userNid, deviceId, position, previous }: DeviceChange, userId: string): JsonObject => {
    const name = names.get(userNid)?.get(deviceId)
    const keyText = keyTexts.get(`${userNid}/${deviceId}`)
    return {
      edu_type: 'm.device_list_update',
      content: {
        user_id: userId,
        device_id: deviceId,
        stream_id: position,
        prev_id: previous === null ? [] : [previous],
        ...(name === undefined && { deleted: true }),
        ...(tellsNames && typeof name === 'string' && { device_display_name: parseJson(name) }),
        ...(name !== undefined && keyText !== undefined && { keys: parseJson(keyText) }),
      },
    }
  }
  // Numbers up to the last change, after which the next one comes.
  const introductions = ({ userNid, previous, position }: OutgoingChange, userId: string): JsonObject[] => {
    const deviceIds = [...(names.get(userNid)?.keys() ?? [])].slice(0, introduced)
    const last = previous ?? position
    return deviceIds.map((deviceId, index) => {
      const streamId = last - (deviceIds.length - 1 - index)
      return deviceEdu(
        { userNid, deviceId, position: streamId, previous: index === 0 ? null : streamId - 1 },
        userId,
      )
    })
  }
  const signingEdu = (userNid: UserNid, userId: string): JsonObject => {
    const content: JsonObject = { user_id: userId }
    for (const key of crossSigning) {
      if (key.userNid !== userNid || key.usage === 'user_signing') continue
      content[`${key.usage}_key`] = parseJson(crossSigningText(key, signatures.get(userId)))
    }
    return { edu_type: 'm.signing_key_update', content }
  }
  const lastSigning = new Map(
    changes
      .filter(({ deviceId, metIn }) => deviceId === CROSS_SIGNING && metIn === null)
      .map((change) => [change.userNid, change]),
  )
  return changes.flatMap((change): JsonObject[] => {
    const userId = userIds.get(change.userNid)
    if (userId === undefined) return []
    if (change.metIn !== null) return introductions(change, userId)
    if (change.deviceId !== CROSS_SIGNING) return [deviceEdu(change, userId)]
    return lastSigning.get(change.userNid) === change ? [signingEdu(change.userNid, userId)] : []
  })
}
