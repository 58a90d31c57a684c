import { crossSigningKeysOf } from '../../storage/e2ee/cross-signing-keys.ts'
import { deviceKeysOf, type StoredDeviceKeys } from '../../storage/e2ee/device-keys.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { KeyServices } from './key-services.ts'
import type { SignedKey } from './signed-key.ts'
import type { UserKeys, WantedDevices } from './user-keys.ts'

/**
 * The keys of users of this server, without the signatures that were uploaded by themselves: three queries, whatever
 * the number of users.
 *
 * @param options.showNames whether the names of devices are told.
 * @returns users that exist; those without keys have no devices.
 */
export async function localKeys(
  { queries, interner }: Pick<KeyServices, 'queries' | 'interner'>,
  wanted: WantedDevices,
  options: { readonly showNames: boolean },
): Promise<Map<string, UserKeys>> {
  const userNids = await interner.findUserNids(wanted.keys())
  const all = [...userNids.values()]
  if (all.length === 0) return new Map()
  const [deviceKeys, crossSigningKeys] = await Promise.all([
    deviceKeysOf(queries, all),
    crossSigningKeysOf(queries, all),
  ])
  const devicesByUser = Map.groupBy(deviceKeys, ({ userNid }) => userNid)
  const crossSigningByUser = Map.groupBy(crossSigningKeys, ({ userNid }) => userNid)
  const keysOf = (userNid: UserNid, wantedIds: readonly string[]): UserKeys => {
    const stored = devicesByUser.get(userNid) ?? []
    const chosen = new Set(wantedIds)
    const devices = stored.filter(({ deviceId }) => chosen.size === 0 || chosen.has(deviceId))
    const crossSigning = crossSigningByUser.get(userNid) ?? []
    return {
      devices: new Map(devices.map((device) => [device.deviceId, signedKey(device, options.showNames)])),
      master: crossSigning.find(({ usage }) => usage === 'master'),
      selfSigning: crossSigning.find(({ usage }) => usage === 'self_signing'),
      userSigning: crossSigning.find(({ usage }) => usage === 'user_signing'),
    }
  }
  return new Map(
    Array.from(userNids, ([userId, userNid]) => [userId, keysOf(userNid, wanted.get(userId) ?? [])]),
  )
}

function signedKey({ content, signatures, displayName }: StoredDeviceKeys, showNames: boolean): SignedKey {
  if (!showNames || displayName === null) return { content, signatures, unsigned: '{}' }
  return { content, signatures, unsigned: `{"device_display_name":${displayName}}` }
}
