import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isDeviceId } from '../../protocol/identifiers/device-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { findDevice } from '../../storage/accounts/device-reader.ts'
import { insertDevice } from '../../storage/accounts/device-writer.ts'
import { findDehydratedDevice, setDehydratedDevice } from '../../storage/e2ee/dehydrated-devices.ts'
import type { KeyServices, KeyUser } from '../keys/key-services.ts'
import { uploadKeys } from '../keys/upload-keys.ts'

/** Characters as JSON; a pickle with fifty one-time keys has about six thousand. */
const MAX_DEVICE_DATA_LENGTH = 65_536

/** What dehydrated devices stand on. */
export interface DehydrationServices {
  readonly keys: KeyServices
  /** Ends devices with their keys and messages. */
  removeDevices(user: KeyUser, deviceIds: readonly string[]): Promise<void>
  /** Milliseconds since the epoch. */
  now(): number
}

/**
 * Stores a device that nobody is logged in with, in place of the user's former one (MSC3814).
 *
 * @returns its id.
 * @throws MatrixError 400 for a body that is not right or the id of another device; 413.
 */
export async function dehydrateDevice(
  services: DehydrationServices,
  user: KeyUser,
  body: JsonObject,
  displayName: string | null,
): Promise<string> {
  const { queries } = services.keys
  const { userNid } = user
  const { deviceId, deviceData } = readDevice(body)
  const before = await findDehydratedDevice(queries, userNid)
  if (before?.deviceId === deviceId) await services.removeDevices(user, [deviceId])
  else if (await findDevice(queries, userNid, deviceId)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'There is another device with this id')
  }
  await insertDevice(queries, { userNid, deviceId, displayName, createdTs: services.now() })
  try {
    await uploadKeys(services.keys, { ...user, deviceId }, body)
  } catch (error) {
    await services.removeDevices(user, [deviceId])
    throw error
  }
  const previous = await setDehydratedDevice(queries, userNid, { deviceId, deviceData })
  if (previous !== undefined && previous !== deviceId) await services.removeDevices(user, [previous])
  return deviceId
}

/** A user's dehydrated device. @throws MatrixError 404 when there is none. */
export async function requireDehydratedDevice({ keys }: DehydrationServices, { userNid }: KeyUser) {
  const device = await findDehydratedDevice(keys.queries, userNid)
  if (device) return device
  throw new MatrixError(404, 'M_NOT_FOUND', 'There is no dehydrated device')
}

/** Ends a user's dehydrated device. @returns its id. @throws MatrixError 404 when there is none. */
export async function forgetDehydratedDevice(services: DehydrationServices, user: KeyUser): Promise<string> {
  const { deviceId } = await requireDehydratedDevice(services, user)
  await services.removeDevices(user, [deviceId])
  return deviceId
}

function readDevice(body: JsonObject): { deviceId: string; deviceData: string } {
  const [deviceId, deviceData] = [ownValue(body, 'device_id'), ownValue(body, 'device_data')]
  if (deviceId === undefined || deviceData === undefined || ownValue(body, 'device_keys') === undefined) {
    const sentence = '`device_id`, `device_data` and `device_keys` must be there'
    throw new MatrixError(400, 'M_MISSING_PARAM', sentence)
  }
  if (typeof deviceId !== 'string' || !isDeviceId(deviceId)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no device id')
  }
  if (!isJsonObject(deviceData)) throw new MatrixError(400, 'M_BAD_JSON', '`device_data` must be an object')
  const text = JSON.stringify(deviceData)
  if (text.length <= MAX_DEVICE_DATA_LENGTH) return { deviceId, deviceData: text }
  throw new MatrixError(413, 'M_TOO_LARGE', '`device_data` is too long')
}
