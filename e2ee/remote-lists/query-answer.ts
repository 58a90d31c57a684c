import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { MAX_REMOTE_DEVICES } from '../device-lists/device-list-limits.ts'
import type { SignedKey } from '../keys/signed-key.ts'
import type { UserKeys, WantedDevices } from '../keys/user-keys.ts'
import { displayNameIn, remoteCrossSigningKey, remoteDeviceKeys } from './remote-key-shape.ts'

/** Reads another server's answer to a key query; what was not asked for or has the wrong shape is left out. */
export function readQueryAnswer(answer: JsonObject, wanted: WantedDevices): Map<string, UserKeys> {
  const users = new Map<string, UserKeys>()
  for (const [userId, deviceIds] of wanted) {
    const devices = entryOf(answer, 'device_keys', userId)
    const master = remoteCrossSigningKey(entryOf(answer, 'master_keys', userId), 'master', userId)
    const selfSigning = remoteCrossSigningKey(
      entryOf(answer, 'self_signing_keys', userId),
      'self_signing',
      userId,
    )
    if (!devices && !master && !selfSigning) continue
    users.set(userId, { devices: devicesIn(devices ?? {}, userId, deviceIds), master, selfSigning })
  }
  return users
}

function devicesIn(devices: JsonObject, userId: string, wanted: readonly string[]): Map<string, SignedKey> {
  const only = wanted.length > 0 ? new Set(wanted) : undefined
  const read = Object.entries(devices)
    .slice(0, MAX_REMOTE_DEVICES)
    .flatMap(([deviceId, keys]) => {
      if (!isJsonObject(keys) || (only && !only.has(deviceId))) return []
      const key = remoteDeviceKeys(keys, { userId, deviceId }, displayNameIn(keys))
      return key ? [[deviceId, key] as const] : []
    })
  return new Map(read)
}

function entryOf(answer: JsonObject, field: string, userId: string): JsonObject | undefined {
  const map = ownValue(answer, field)
  const entry = isJsonObject(map) ? ownValue(map, userId) : undefined
  return isJsonObject(entry) ? entry : undefined
}
