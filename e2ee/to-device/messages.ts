import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, type JsonObject } from '../../protocol/json/value.ts'
import { ALL_DEVICES } from '../../storage/e2ee/to-device-write.ts'

/** Devices that one request names. A room key goes out in several requests; clients name 20 to 250 in each. */
export const MAX_TARGETS = 5_000
/** Characters of a message as JSON, as for an event. An encrypted room key takes about two thousand. */
export const MAX_MESSAGE_LENGTH = 65_536
/** Characters of a type, as for an event. */
export const MAX_TYPE_LENGTH = 255

/** A message for one device, or for all of a user. */
export interface TargetedMessage {
  readonly userId: string
  readonly deviceId: string
  readonly content: JsonObject
}

/** Why messages are not taken. */
export type MessagesRefusal = 'shape' | 'targets' | 'size'

/**
 * Reads `{user: {device: content}}`. Who names all devices of a user and one of them means all. Names that no user
 * or device can have reach nobody.
 */
export function readMessages(messages: JsonObject): readonly TargetedMessage[] | MessagesRefusal {
  const read: TargetedMessage[] = []
  for (const [userId, byDevice] of Object.entries(messages)) {
    if (!isJsonObject(byDevice)) return 'shape'
    const devices = Object.entries(byDevice)
    if (read.length + devices.length > MAX_TARGETS) return 'targets'
    const toAll = Object.hasOwn(byDevice, ALL_DEVICES)
    for (const [deviceId, content] of devices) {
      if (!isJsonObject(content)) return 'shape'
      if (JSON.stringify(content).length > MAX_MESSAGE_LENGTH) return 'size'
      if (!isUserId(userId) || deviceId.includes('\0') || (toAll && deviceId !== ALL_DEVICES)) continue
      read.push({ userId, deviceId, content })
    }
  }
  return read
}
