import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { CrossSigningUsage } from '../../storage/schema/cross-signing-key.ts'
import { MAX_DEVICE_ID_LENGTH, MAX_DEVICE_NAME_LENGTH } from '../device-lists/device-list-limits.ts'
import { readCrossSigningKey } from '../keys/cross-signing-shape.ts'
import { readDeviceKeys } from '../keys/device-keys-shape.ts'
import type { SignedKey } from '../keys/signed-key.ts'

/** Whether another server's device id can be stored: bounded, with neither U+0000 nor lone surrogates. */
export function isDeviceId(deviceId: string): boolean {
  const fits = deviceId.length > 0 && deviceId.length <= MAX_DEVICE_ID_LENGTH
  return fits && !deviceId.includes('\0') && deviceId.isWellFormed()
}

/** A device's keys as another server tells them; undefined for what is no such thing, or somebody else's. */
export function remoteDeviceKeys(
  keys: JsonObject | undefined,
  owner: { readonly userId: string; readonly deviceId: string },
  displayName: string | undefined,
): SignedKey | undefined {
  if (!keys || !isDeviceId(owner.deviceId)) return undefined
  return unlessRefused(() => {
    const key = readDeviceKeys(keys, owner)
    const name = displayName?.toWellFormed().slice(0, MAX_DEVICE_NAME_LENGTH).toWellFormed()
    return {
      ...key,
      unsigned: name === undefined ? '{}' : JSON.stringify({ device_display_name: name }),
    }
  })
}

/** The name that a device's keys carry in `unsigned`. */
export function displayNameIn(keys: JsonObject): string | undefined {
  const unsigned = ownValue(keys, 'unsigned')
  const name = isJsonObject(unsigned) ? ownValue(unsigned, 'device_display_name') : undefined
  return typeof name === 'string' ? name : undefined
}

/** A cross-signing key as another server tells it; undefined for what is no such thing, or somebody else's. */
export function remoteCrossSigningKey(
  key: JsonObject | undefined,
  usage: CrossSigningUsage,
  userId: string,
): SignedKey | undefined {
  if (!key) return undefined
  return unlessRefused(() => {
    const read = readCrossSigningKey({ [`${usage}_key`]: key }, usage, userId)
    return read && { content: read.content, signatures: read.signatures }
  })
}

function unlessRefused<Key>(read: () => Key): Key | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}
