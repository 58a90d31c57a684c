import { deletePersonalData, updateAccount } from '../../storage/accounts/account-writer.ts'
import { tellListeners, type Accounts } from './accounts.ts'
import { removeAllDevices } from './devices.ts'
import type { LocalUser } from './sessions.ts'

/**
 * Closes an account for good: nobody can log in any more, and the name stays taken.
 *
 * @param erase whether the user wants everything gone that can go.
 */
export async function deactivateAccount(accounts: Accounts, user: LocalUser, erase: boolean): Promise<void> {
  await updateAccount(accounts.queries, user.userNid, {
    deactivated: true,
    erased: erase,
    password_hash: null,
  })
  accounts.sessions.forget(user.userNid)
  await removeAllDevices(accounts, user)
  await tellListeners(accounts, (listener) => listener.accountDeactivated?.(user, erase))
  await deletePersonalData(accounts.queries, user.userNid)
}
