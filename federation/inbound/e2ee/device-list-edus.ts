import { MAX_PREVIOUS_CHANGES } from '../../../e2ee/device-lists/device-list-limits.ts'
import type { RemoteListUpdates, ToldDeviceUpdate } from '../../../e2ee/remote-lists/remote-updates.ts'
import { isUserId } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { oneByOne, type EduHandler, type EduHandlers } from '../edus/edu-handler.ts'

/** `m.device_list_update` and `m.signing_key_update` (server-server API, "Device Management"). */
export function deviceListEdus(updates: RemoteListUpdates): EduHandlers {
  const signingKeys: EduHandler = async (origin, content) => {
    const userId = userIn(content)
    if (userId === undefined) return
    await updates.signingKeysUpdated(origin, {
      userId,
      masterKey: objectIn(content, 'master_key'),
      selfSigningKey: objectIn(content, 'self_signing_key'),
    })
  }
  return new Map([
    [
      'm.device_list_update',
      (origin, contents) =>
        updates.devicesUpdated(
          origin,
          contents.flatMap((content) => deviceUpdate(content) ?? []),
        ),
    ],
    ['m.signing_key_update', oneByOne(signingKeys)],
  ])
}

function deviceUpdate(content: JsonObject): ToldDeviceUpdate | undefined {
  const userId = userIn(content)
  const deviceId = ownValue(content, 'device_id')
  const streamId = ownValue(content, 'stream_id')
  if (userId === undefined || typeof deviceId !== 'string' || !isChangeNumber(streamId)) return undefined
  const name = ownValue(content, 'device_display_name')
  const previous = ownValue(content, 'prev_id')
  return {
    userId,
    deviceId,
    streamId,
    previous: Array.isArray(previous)
      ? previous.slice(0, MAX_PREVIOUS_CHANGES).filter((number) => isChangeNumber(number))
      : [],
    deleted: ownValue(content, 'deleted') === true,
    displayName: typeof name === 'string' ? name : undefined,
    keys: objectIn(content, 'keys'),
  }
}

function userIn(content: JsonObject): string | undefined {
  const userId = ownValue(content, 'user_id')
  return typeof userId === 'string' && isUserId(userId) ? userId : undefined
}

function objectIn(content: JsonObject, key: string): JsonObject | undefined {
  const value = ownValue(content, key)
  return isJsonObject(value) ? value : undefined
}

function isChangeNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}
