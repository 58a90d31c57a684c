import { updateAccount } from '../../storage/accounts/account-writer.ts'
import type { Accounts } from './accounts.ts'
import { checkPasswordPolicy } from './check-password-policy.ts'
import { removeAllDevices } from './devices.ts'
import { hashPassword } from './password-hashing.ts'
import type { LocalUser } from './sessions.ts'

/**
 * Gives a user another password.
 *
 * @param options.logoutOthers whether all devices end, but `keep`.
 * @throws MatrixError 400 M_WEAK_PASSWORD.
 */
export async function changePassword(
  accounts: Accounts,
  user: LocalUser,
  password: string,
  options: { logoutOthers: boolean; keep?: string | undefined },
): Promise<void> {
  checkPasswordPolicy(password, accounts.login.passwordPolicy)
  const hash = await hashPassword(password, accounts.login.passwordPepper)
  await updateAccount(accounts.queries, user.userNid, { password_hash: hash })
  if (options.logoutOthers) await removeAllDevices(accounts, user, options.keep)
}
