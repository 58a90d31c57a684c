import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isNewLocalpart, isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { findAccount, type Account } from '../../storage/accounts/account-reader.ts'
import type { Accounts } from './accounts.ts'

/**
 * The user id that somebody's wished username stands for: its capitals are lowered.
 *
 * @throws MatrixError as `userIdFor`; 400 M_EXCLUSIVE where it belongs to an application service.
 */
export function newUserId(accounts: Accounts, username: string): string {
  const userId = userIdFor(accounts, username)
  accounts.appServices.requireUser(userId, undefined)
  return userId
}

/**
 * The user id that a username stands for, whoever it belongs to.
 *
 * @throws MatrixError 400 M_INVALID_USERNAME when the grammar for new user ids does not allow it.
 */
export function userIdFor(accounts: Pick<Accounts, 'serverName'>, username: string): string {
  const localpart = username.toLowerCase()
  if (!isNewLocalpart(localpart, accounts.serverName)) {
    throw new MatrixError(
      400,
      'M_INVALID_USERNAME',
      'User names consist of the letters a to z, digits and the characters . _ = - / +',
    )
  }
  return `@${localpart}:${accounts.serverName}`
}

/** @throws MatrixError 400 M_USER_IN_USE when the user id is taken, also by an account that has been closed. */
export async function checkUserIdFree(accounts: Accounts, userId: string): Promise<void> {
  if (await findAccount(accounts.queries, userId)) throw userInUse()
}

/** The error of a user id that is taken. */
export function userInUse(): MatrixError {
  return new MatrixError(400, 'M_USER_IN_USE', 'This user name is taken; choose another one')
}

/**
 * The account that somebody who logs in means by a user id or a localpart, in any case of letters: an exact match
 * first, because accounts from other servers may have capitals.
 */
export async function accountCalled(accounts: Accounts, name: string): Promise<Account | undefined> {
  const userId = name.startsWith('@') ? name : `@${name}:${accounts.serverName}`
  if (!isUserId(userId) || serverOf(userId) !== accounts.serverName) return undefined
  return (await findAccount(accounts.queries, userId)) ?? findAccount(accounts.queries, lowered(userId))
}

function lowered(userId: string): string {
  const colon = userId.indexOf(':')
  return userId.slice(0, colon).toLowerCase() + userId.slice(colon)
}
