import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { findAccount, type Account } from '../../storage/accounts/account-reader.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import type { Accounts } from './accounts.ts'
import type { LocalUser } from './sessions.ts'

/** What administrators may put upon an account for a time (client-server API, "Account moderation"). */
export type Restriction = 'locked' | 'suspended'

/**
 * The account that an administrator means.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for users of other servers, 404 for unknown and closed accounts.
 */
export async function accountOf(accounts: Accounts, userId: string): Promise<Account> {
  if (!isUserId(userId) || serverOf(userId) !== accounts.serverName) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no user of this server')
  }
  const account = await findAccount(accounts.queries, userId)
  if (account && !account.deactivated) return account
  throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user')
}

/**
 * Whether an account is locked or suspended, for an administrator.
 *
 * @throws MatrixError as `accountOf`, and 403 for another administrator's account.
 */
export async function readRestriction(
  accounts: Accounts,
  admin: LocalUser,
  userId: string,
  restriction: Restriction,
): Promise<boolean> {
  return (await moderatedAccount(accounts, admin, userId))[restriction]
}

/**
 * Locks, unlocks, suspends or lets act again. What the account is logged in on stays logged in.
 *
 * @throws MatrixError as `readRestriction`, and 403 for one's own account.
 */
export async function restrict(
  accounts: Accounts,
  admin: LocalUser,
  userId: string,
  restriction: Restriction,
  value: boolean,
): Promise<void> {
  if (userId === admin.userId) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'Administrators cannot do this to themselves')
  }
  const { userNid } = await moderatedAccount(accounts, admin, userId)
  await updateAccount(accounts.queries, userNid, { [restriction]: value })
  accounts.sessions.forget(userNid)
}

async function moderatedAccount(accounts: Accounts, admin: LocalUser, userId: string): Promise<Account> {
  const account = await accountOf(accounts, userId)
  if (account.admin && account.userNid !== admin.userNid) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This user administers the server too')
  }
  return account
}
