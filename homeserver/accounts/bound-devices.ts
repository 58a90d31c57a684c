import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { insertDevice } from '../../storage/accounts/device-writer.ts'
import { dispensableDevices, lockAndCountDevices } from '../../storage/accounts/excess-devices.ts'
import type { Queries } from '../../storage/database.ts'
import { ACCOUNT_PAGE_PATH } from '../oauth/account-page-path.ts'
import type { Accounts } from './accounts.ts'
import { completeRemoval, forgetSessions, removeWithFarewell, type Removal } from './device-farewells.ts'
import type { LocalUser } from './sessions.ts'

/** Somebody may be about to set a device up that has no keys yet. */
const WITHOUT_KEYS_UNUSED_MS = 60 * 60_000
/** A device with keys may hold what no other one can read: it goes when it has lain in a drawer for a season. */
const WITH_KEYS_UNUSED_MS = 90 * 24 * 60 * 60_000
/** Devices that one login removes, where the bound has been lowered; the rest goes with the next ones. */
const MAX_REMOVED_AT_ONCE = 1_000
/** Where no page of this server shows a user's devices. */
const DEVICES_EXPLAINED = 'https://spec.matrix.org/latest/client-server-api/#device-management'

/** A device that has been stored, and what went for it. */
export interface AddedDevice {
  /** Whether the user did not have it already. */
  readonly isNew: boolean
  /** For `tellOfOusted`, after the commit. */
  readonly ousted: Removal | undefined
}

/**
 * Stores a device unless the user has it already. One that is too many ousts what the user has not used for long; of the
 * users of an application service nothing goes, which may not say with what device it acts.
 *
 * @throws MatrixError 403 M_USER_LIMIT_EXCEEDED when nothing can go, for which the transaction must be given up.
 */
export async function addDevice(
  accounts: Accounts,
  transaction: Queries,
  user: LocalUser,
  device: { readonly deviceId: string; readonly displayName: string | null; readonly createdTs: number },
): Promise<AddedDevice> {
  const isNew = await insertDevice(transaction, { userNid: user.userNid, ...device })
  return { isNew, ousted: isNew ? await oust(accounts, transaction, user, device.deviceId) : undefined }
}

/** Ends the sessions of devices that went for a new one, and tells others of them; what fails is done by a job. */
export async function tellOfOusted(accounts: Accounts, user: LocalUser, ousted: Removal): Promise<void> {
  forgetSessions(accounts, user, ousted.deviceIds)
  await completeRemoval(accounts, user, ousted).catch(accounts.onError)
}

async function oust(
  accounts: Accounts,
  transaction: Queries,
  user: LocalUser,
  newDeviceId: string,
): Promise<Removal | undefined> {
  const bound = accounts.login.maxDevicesPerUser
  const count = await lockAndCountDevices(transaction, user.userNid)
  if (count <= bound) return undefined
  const now = Date.now()
  const dispensable = accounts.appServices.isReserved(user.userId)
    ? []
    : await dispensableDevices(
        transaction,
        user.userNid,
        {
          except: newDeviceId,
          withoutKeysUnusedSince: now - WITHOUT_KEYS_UNUSED_MS,
          withKeysUnusedSince: now - WITH_KEYS_UNUSED_MS,
        },
        Math.min(count - bound, MAX_REMOVED_AT_ONCE),
      )
  if (dispensable.length === 0) throw tooManyDevices(accounts, bound)
  return removeWithFarewell(transaction, user, dispensable)
}

function tooManyDevices({ publicBaseUrl }: Accounts, bound: number): MatrixError {
  const info = publicBaseUrl === undefined ? DEVICES_EXPLAINED : publicBaseUrl + ACCOUNT_PAGE_PATH.slice(1)
  return new MatrixError(
    403,
    'M_USER_LIMIT_EXCEEDED',
    `You are logged in on ${bound} devices that are all in use; log out on one of them first`,
    { info_uri: info },
  )
}
