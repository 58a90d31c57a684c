import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { makeGuestUser } from '../../storage/accounts/upgrade-guest.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import type { Accounts } from './accounts.ts'
import { checkPasswordPolicy } from './check-password-policy.ts'
import type { AccountWish } from './create-account.ts'
import { hashPassword } from './password-hashing.ts'
import { spendRegistrationToken } from './spend-registration-token.ts'
import type { LocalUser } from './sessions.ts'
import { userInUse } from './usernames.ts'

/**
 * The guest that a token speaks for (client-server API, "Guest Access": upgrading).
 *
 * @param userId what the guest wants to be called, which has to be the guest's own name.
 * @throws MatrixError 403 for a token of nobody or of no guest, 400 M_USER_IN_USE for another's name.
 */
export async function guestOf(accounts: Accounts, accessToken: string, userId: string): Promise<LocalUser> {
  const session = await accounts.sessions.find(accessToken)
  const alive = session && !session.locked && (session.expiresTs === null || session.expiresTs > Date.now())
  if (!alive || !session.guest) {
    throw new MatrixError(403, 'M_FORBIDDEN', '`guest_access_token` belongs to no guest')
  }
  if (session.userId !== userId) throw userInUse()
  return { userNid: session.userNid, userId }
}

/**
 * Makes a guest a full account with a password. What the guest has stays.
 *
 * @throws MatrixError 400 M_USER_IN_USE where another request was first, M_WEAK_PASSWORD; 403 for a token used up.
 */
export async function upgradeGuest(
  accounts: Accounts,
  guest: LocalUser,
  wish: Pick<AccountWish, 'registrationToken' | 'consentVersion'> & { readonly password: string },
): Promise<void> {
  const { queries, login, sessions } = accounts
  checkPasswordPolicy(wish.password, login.passwordPolicy)
  const passwordHash = await hashPassword(wish.password, login.passwordPepper)
  await queries.transaction().execute(async (transaction) => {
    const now = Date.now()
    const use = await spendRegistrationToken(transaction, wish.registrationToken, now)
    if (!(await makeGuestUser(transaction, guest.userNid, passwordHash))) throw userInUse()
    await updateAccount(transaction, guest.userNid, {
      ...(use.makesAdmin && { admin: true }),
      consent_version: wish.consentVersion ?? null,
      consent_ts: wish.consentVersion === undefined ? null : now,
    })
  })
  sessions.forget(guest.userNid)
}
