import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findAccount, type Account } from '../../storage/accounts/account-reader.ts'
import { takeLoginToken } from '../../storage/accounts/login-tokens.ts'
import type { Accounts } from './accounts.ts'
import { secretHash } from './bearer-secrets.ts'
import { checkPassword } from './check-password.ts'
import { refuseLocked } from './refuse-locked.ts'
import { accountCalled } from './usernames.ts'

/**
 * Checks a name and a password. That an account is locked is told to those who know the password.
 *
 * @throws MatrixError 403 M_FORBIDDEN, the same for unknown users, wrong passwords and closed accounts;
 *   401 M_USER_LOCKED; 429.
 */
export async function userOfPassword(accounts: Accounts, name: string, password: string): Promise<Account> {
  const account = await accountCalled(accounts, name)
  const limitKey = account?.userId ?? name.toLowerCase()
  accounts.limits.loginAccount.consume(limitKey)
  const right = await checkPassword(accounts, account?.userNid, password, limitKey)
  if (!account || !right || account.deactivated) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The user name or the password is wrong')
  }
  refuseLocked(account)
  return account
}

/**
 * Checks and uses up a single-use login token.
 *
 * @returns the account, and under which session of an identity provider the token was made.
 * @throws MatrixError 403 M_FORBIDDEN.
 */
export async function userOfLoginToken(
  accounts: Accounts,
  token: string,
): Promise<Account & { readonly ssoSession: Buffer | undefined }> {
  const { userNid, ssoSession } =
    (await takeLoginToken(accounts.queries, secretHash(token), Date.now())) ?? {}
  const userId = userNid && (await accounts.interner.userIds([userNid])).get(userNid)
  const account = userId ? await findAccount(accounts.queries, userId) : undefined
  if (!account || account.deactivated) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The login token is not valid any more; ask for a new one')
  }
  refuseLocked(account)
  return { ...account, ssoSession }
}
