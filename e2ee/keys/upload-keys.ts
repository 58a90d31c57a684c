import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { hasDeviceKeys } from '../../storage/e2ee/device-keys.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import { addOneTimeKeys, keyStockOf, putFallbackKeys } from '../../storage/e2ee/one-time-keys.ts'
import { readDeviceKeys } from './device-keys-shape.ts'
import { MAX_FALLBACK_KEYS, MAX_ONE_TIME_KEYS_A_DEVICE, MAX_ONE_TIME_KEYS_AN_UPLOAD } from './key-limits.ts'
import type { KeyServices, KeyUser } from './key-services.ts'
import { keyCounts } from './key-stocks.ts'
import { readOneTimeKeys } from './one-time-keys-shape.ts'
import { badJson, optionalMap } from './read-map.ts'

/**
 * Stores what a device uploads (client-server API, `POST /keys/upload`). What is there already may come again.
 *
 * @returns how many one-time keys the device has, by algorithm.
 * @throws MatrixError 400 M_BAD_JSON, M_INVALID_PARAM, M_TOO_LARGE; M_INVALID_PARAM for a one-time key whose id is
 *   taken by another.
 */
export async function uploadKeys(
  { queries, committer, stocks }: KeyServices,
  owner: KeyUser & { readonly deviceId: string },
  body: JsonObject,
): Promise<Record<string, number>> {
  const { userNid, deviceId } = owner
  const given = optionalMap(body, 'device_keys')
  const deviceKeys = given && readDeviceKeys(given, owner)
  const oneTimeKeys = readOneTimeKeys(
    optionalMap(body, 'one_time_keys') ?? {},
    'one_time_keys',
    MAX_ONE_TIME_KEYS_AN_UPLOAD,
  )
  const fallbackKeys = readOneTimeKeys(
    optionalMap(body, 'fallback_keys') ?? optionalMap(body, 'org.matrix.msc2732.fallback_keys') ?? {},
    'fallback_keys',
    MAX_FALLBACK_KEYS,
  )
  if (new Set(fallbackKeys.map(({ algorithm }) => algorithm)).size < fallbackKeys.length) {
    throw badJson('`fallback_keys` may have one key for an algorithm')
  }
  await queries.transaction().execute(async (transaction) => {
    if (oneTimeKeys.length > 0) {
      const taken = await addOneTimeKeys(transaction, userNid, deviceId, oneTimeKeys)
      if (taken !== undefined) {
        throw new MatrixError(400, 'M_INVALID_PARAM', `There is another one-time key ${taken} already`)
      }
      const { oneTimeKeys: counts } = await keyStockOf(transaction, userNid, deviceId)
      if ([...counts.values()].reduce((sum, count) => sum + count, 0) > MAX_ONE_TIME_KEYS_A_DEVICE) {
        const sentence = `A device may have ${MAX_ONE_TIME_KEYS_A_DEVICE} one-time keys at most`
        throw new MatrixError(400, 'M_TOO_LARGE', sentence)
      }
    }
    if (fallbackKeys.length > 0) await putFallbackKeys(transaction, userNid, deviceId, fallbackKeys)
  })
  stocks.forget(owner)
  if (deviceKeys && !(await hasDeviceKeys(queries, { userNid, deviceId, ...deviceKeys }))) {
    const keys = { userNid, deviceId, ...deviceKeys }
    await noteDeviceListChange(committer, userNid, deviceId, { keys })
  }
  return keyCounts(await stocks.of(owner))
}
