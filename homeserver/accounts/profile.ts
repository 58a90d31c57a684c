import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { deleteProfileField, setProfileField } from '../../storage/accounts/profile-writer.ts'
import { tellListeners, type Accounts } from './accounts.ts'
import type { LocalUser } from './sessions.ts'

/** Keys and values of a profile together (client-server API, "Profiles"). */
export const MAX_PROFILE_BYTES = 64 * 1024

/**
 * Sets a field of a user's own profile and lets the user's rooms know.
 *
 * @param value JSON text.
 * @throws MatrixError 400 M_PROFILE_TOO_LARGE.
 */
export async function changeProfile(
  accounts: Accounts,
  user: LocalUser,
  field: string,
  value: string,
): Promise<void> {
  if (!(await setProfileField(accounts.queries, user.userNid, field, value, MAX_PROFILE_BYTES))) {
    throw new MatrixError(400, 'M_PROFILE_TOO_LARGE', 'The profile would be larger than 64 KiB')
  }
  await tellListeners(accounts, (listener) => listener.profileChanged?.(user, field))
}

/** Removes a field of a user's own profile and lets the user's rooms know. */
export async function removeFromProfile(accounts: Accounts, user: LocalUser, field: string): Promise<void> {
  if (!(await deleteProfileField(accounts.queries, user.userNid, field))) return
  await tellListeners(accounts, (listener) => listener.profileChanged?.(user, field))
}
