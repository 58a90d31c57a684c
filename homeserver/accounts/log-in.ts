import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Account } from '../../storage/accounts/account-reader.ts'
import { takeLoginToken } from '../../storage/accounts/login-tokens.ts'
import type { Accounts } from './accounts.ts'
import { secretHash } from './bearer-secrets.ts'
import { checkPassword } from './check-password.ts'
import type { LocalUser } from './sessions.ts'
import { accountCalled } from './usernames.ts'

/**
 * Checks a name and a password.
 *
 * @throws MatrixError 403 M_FORBIDDEN, the same for unknown users, wrong passwords and closed accounts; 429.
 */
export async function userOfPassword(accounts: Accounts, name: string, password: string): Promise<Account> {
  const account = await accountCalled(accounts, name)
  const limitKey = account?.userId ?? name.toLowerCase()
  accounts.limits.loginAccount.consume(limitKey)
  const right = await checkPassword(accounts, account?.userNid, password, limitKey)
  if (!account || !right || account.deactivated) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The user name or the password is wrong')
  }
  return account
}

/** Checks and uses up a single-use login token. @throws MatrixError 403 M_FORBIDDEN. */
export async function userOfLoginToken(accounts: Accounts, token: string): Promise<LocalUser> {
  const userNid = await takeLoginToken(accounts.queries, secretHash(token), Date.now())
  const userId = userNid && (await accounts.interner.userIds([userNid])).get(userNid)
  if (!userNid || !userId) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The login token is not valid any more; ask for a new one')
  }
  return { userNid, userId }
}
