import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isDeviceId } from '../../protocol/identifiers/device-id.ts'
import { devicesOf, findDevice } from '../../storage/accounts/device-reader.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import type { Accounts } from './accounts.ts'
import { addDevice, tellOfOusted } from './bound-devices.ts'
import { completeRemoval, forgetSessions, removeWithFarewell } from './device-farewells.ts'
import type { LocalUser } from './sessions.ts'

/** Other users see it in device lists; as in Synapse. */
const MAX_DEVICE_NAME_LENGTH = 100

/** @throws MatrixError 400 M_TOO_LARGE for a device name that is too long. */
export function checkDeviceName(name: string): void {
  if (name.length > MAX_DEVICE_NAME_LENGTH) {
    throw new MatrixError(
      400,
      'M_TOO_LARGE',
      `Device names have at most ${MAX_DEVICE_NAME_LENGTH} characters`,
    )
  }
}

/**
 * Makes a device that nobody logs in on, for an application service to act with.
 *
 * @returns whether it is new.
 * @throws MatrixError 400 for an unusable id or name, 403 as `addDevice`.
 */
export async function createDevice(
  accounts: Accounts,
  user: LocalUser,
  deviceId: string,
  displayName: string | undefined,
): Promise<boolean> {
  if (!isDeviceId(deviceId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no usable device id')
  if (displayName !== undefined) checkDeviceName(displayName)
  const device = { deviceId, displayName: displayName ?? null, createdTs: Date.now() }
  const { isNew, ousted } = await accounts.queries
    .transaction()
    .execute((transaction) => addDevice(accounts, transaction, user, device))
  if (ousted) await tellOfOusted(accounts, user, ousted)
  return isNew
}

/** Names a device, of which others are told. @throws MatrixError 404 when the user has no such device, 400 for a name that is too long. */
export async function setDeviceName(
  accounts: Accounts,
  user: LocalUser,
  deviceId: string,
  name: string | null,
): Promise<void> {
  if (name !== null) checkDeviceName(name)
  const { userNid } = user
  if (!(await findDevice(accounts.queries, userNid, deviceId))) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such device')
  }
  const renamed = { userNid, deviceId, displayName: name }
  await noteDeviceListChange(accounts.committer, userNid, deviceId, { name: renamed })
}

/**
 * Ends devices with their tokens and keys, then tells whoever has to hear of it; after a crash in between a job does.
 * Unknown ids are passed over.
 */
export async function removeDevices(
  accounts: Accounts,
  user: LocalUser,
  deviceIds: readonly string[],
): Promise<void> {
  const removal = await accounts.queries
    .transaction()
    .execute((transaction) => removeWithFarewell(transaction, user, deviceIds))
  forgetSessions(accounts, user, deviceIds)
  if (removal) await completeRemoval(accounts, user, removal)
}

/** Ends all devices of a user, but the one to keep. */
export async function removeAllDevices(accounts: Accounts, user: LocalUser, keep?: string): Promise<void> {
  const devices = await devicesOf(accounts.queries, user.userNid)
  await removeDevices(
    accounts,
    user,
    devices.map((device) => device.deviceId).filter((deviceId) => deviceId !== keep),
  )
}
