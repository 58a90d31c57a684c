import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isNewLocalpart } from '../../protocol/identifiers/user-id.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { findLinkedUser, insertLink } from '../../storage/sso/links.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { createAccount } from '../accounts/create-account.ts'
import { changeProfile } from '../accounts/profile.ts'
import type { LocalUser } from '../accounts/sessions.ts'
import { newUserId, userIdFor } from '../accounts/usernames.ts'
import type { OidcProvider } from '../config/sections/oidc.ts'
import type { Identity } from './identity.ts'

/** The account of an identity, or that a name for a new one has to be chosen. */
export type FoundAccount =
  { readonly user: LocalUser } | { readonly user: undefined; readonly suggestion: string }

/**
 * The account that an identity signs in to: the linked one, one with the same name where the provider may take it
 * over, or a new one.
 *
 * @throws MatrixError 403 when the account is closed or locked, or there is none and none may be made.
 */
export async function accountOfIdentity(
  accounts: Accounts,
  provider: OidcProvider,
  identity: Identity,
  updateProfile: boolean,
): Promise<FoundAccount> {
  const linked = await linkedUser(accounts, provider, identity)
  if (linked) {
    if (updateProfile && identity.displayName !== undefined) {
      await changeProfile(accounts, linked, 'displayname', JSON.stringify(identity.displayName))
    }
    return { user: linked }
  }
  const { localpart } = identity
  const isUsable =
    isNewLocalpart(localpart, accounts.serverName) &&
    !accounts.appServices.isReserved(userIdFor(accounts, localpart))
  const existing = isUsable ? await findAccount(accounts.queries, userIdFor(accounts, localpart)) : undefined
  if (existing && provider.allowExistingUsers) {
    refuseUnusable(existing)
    return { user: await link(accounts, provider, identity, existing) }
  }
  if (!provider.enableRegistration) {
    throw new MatrixError(403, 'M_FORBIDDEN', `No account here belongs to your account at ${provider.name}.`)
  }
  if (!isUsable || existing || provider.mapping.confirmLocalpart) {
    return { user: undefined, suggestion: existing || !isUsable ? '' : localpart }
  }
  return { user: await accountNamed(accounts, provider, identity, localpart) }
}

/**
 * Makes the account of an identity under a name.
 *
 * @throws MatrixError 400 M_INVALID_USERNAME, M_USER_IN_USE.
 */
export async function accountNamed(
  accounts: Accounts,
  provider: Pick<OidcProvider, 'id'>,
  identity: Pick<Identity, 'subject' | 'displayName'>,
  username: string,
): Promise<LocalUser> {
  const { displayName } = identity
  const user = await createAccount(accounts, {
    userId: newUserId(accounts, username),
    password: undefined,
    ...(displayName !== undefined && { displayName }),
  })
  return link(accounts, provider, identity, user)
}

/** The account that an identity is linked to. @throws MatrixError 403 when it is closed or locked. */
export async function linkedUser(
  { queries }: Accounts,
  provider: Pick<OidcProvider, 'id'>,
  { subject }: Pick<Identity, 'subject'>,
): Promise<LocalUser | undefined> {
  const found = await findLinkedUser(queries, provider.id, subject)
  if (!found) return undefined
  refuseUnusable(found)
  return { userNid: found.userNid, userId: found.userId }
}

async function link(
  accounts: Accounts,
  provider: Pick<OidcProvider, 'id'>,
  identity: Pick<Identity, 'subject'>,
  user: LocalUser,
): Promise<LocalUser> {
  const { userNid, userId } = user
  const isNew = await insertLink(accounts.queries, {
    idpId: provider.id,
    subject: identity.subject,
    userNid,
    createdTs: Date.now(),
  })
  // Of two browsers that came back at once, the first has linked the identity.
  return isNew
    ? { userNid, userId }
    : ((await linkedUser(accounts, provider, identity)) ?? { userNid, userId })
}

function refuseUnusable({ deactivated, locked }: { deactivated: boolean; locked: boolean }): void {
  if (deactivated) throw new MatrixError(403, 'M_USER_DEACTIVATED', 'The account has been closed.')
  if (locked) throw new MatrixError(403, 'M_USER_LOCKED', 'An administrator has locked the account.')
}
