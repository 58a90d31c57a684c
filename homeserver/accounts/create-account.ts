import { insertAccount } from '../../storage/accounts/account-writer.ts'
import { setProfileField } from '../../storage/accounts/profile-writer.ts'
import { tellListeners, type Accounts } from './accounts.ts'
import { checkPasswordPolicy } from './check-password-policy.ts'
import { hashPassword } from './password-hashing.ts'
import { MAX_PROFILE_BYTES } from './profile.ts'
import type { LocalUser } from './sessions.ts'
import { spendRegistrationToken } from './spend-registration-token.ts'
import { userInUse } from './usernames.ts'

/** The account to be made. */
export interface AccountWish {
  /** Of `newUserId`. */
  readonly userId: string
  /** Without one nobody can log in by password. */
  readonly password: string | undefined
  readonly admin?: boolean
  readonly guest?: boolean
  readonly appserviceId?: string
  /** Used up by one in the same transaction. */
  readonly registrationToken?: string | null
  readonly displayName?: string
  /** The version of the policies that the user has accepted. */
  readonly consentVersion?: string | undefined
}

/**
 * Makes an account.
 *
 * @throws MatrixError 400 M_USER_IN_USE, M_WEAK_PASSWORD; 403 when the registration token has been used up since.
 */
export async function createAccount(accounts: Accounts, wish: AccountWish): Promise<LocalUser> {
  const { queries, interner, login } = accounts
  if (wish.password !== undefined) checkPasswordPolicy(wish.password, login.passwordPolicy)
  const passwordHash =
    wish.password === undefined ? null : await hashPassword(wish.password, login.passwordPepper)
  const userNid = await interner.userNid(wish.userId)
  await queries.transaction().execute(async (transaction) => {
    const now = Date.now()
    const use = await spendRegistrationToken(transaction, wish.registrationToken, now)
    const inserted = await insertAccount(transaction, {
      userNid,
      passwordHash,
      admin: wish.admin ?? use.makesAdmin,
      guest: wish.guest ?? false,
      appserviceId: wish.appserviceId ?? null,
      createdTs: now,
      consentVersion: wish.consentVersion,
    })
    if (!inserted) throw userInUse()
  })
  const user = { userNid, userId: wish.userId }
  if (wish.displayName !== undefined) {
    await setProfileField(
      queries,
      userNid,
      'displayname',
      JSON.stringify(wish.displayName),
      MAX_PROFILE_BYTES,
    )
  }
  await tellListeners(accounts, (listener) => listener.accountCreated?.(user))
  return user
}
