import { passwordHashOf } from '../../storage/accounts/account-reader.ts'
import { replacePasswordHash } from '../../storage/accounts/account-writer.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Accounts } from './accounts.ts'
import { MAX_PASSWORD_LENGTH } from './check-password-policy.ts'
import { hashPassword, isBcrypt, verifyPassword } from './password-hashing.ts'

/**
 * Whether a password is a user's. Takes as long for users who do not exist. A bcrypt hash is replaced on the way.
 *
 * @param userNid undefined when there is no such user.
 * @throws MatrixError 429 after too many wrong ones for `limitKey`.
 */
export async function checkPassword(
  accounts: Accounts,
  userNid: UserNid | undefined,
  password: string,
  limitKey: string,
): Promise<boolean> {
  return accounts.limits.loginFailedAttempts.attempt(limitKey, () => isRight(accounts, userNid, password))
}

async function isRight(
  { queries, login }: Accounts,
  userNid: UserNid | undefined,
  password: string,
): Promise<boolean> {
  const stored = userNid === undefined ? null : await passwordHashOf(queries, userNid)
  // Nobody has a password that is longer; a short stand-in takes the usual time.
  const given = password.length > MAX_PASSWORD_LENGTH ? '' : password
  const right = (await verifyPassword(given, login.passwordPepper, stored)) && given === password
  if (right && userNid !== undefined && stored !== null && isBcrypt(stored)) {
    await replacePasswordHash(queries, userNid, stored, await hashPassword(password, login.passwordPepper))
  }
  return right
}
