import { timingSafeEqual } from 'node:crypto'
import { passwordHashOf } from '../../storage/accounts/account-reader.ts'
import {
  deleteBrowserSession,
  findBrowserSession,
  insertBrowserSession,
} from '../../storage/oauth/browser-sessions.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { newSessionId, secretHash } from '../accounts/bearer-secrets.ts'
import type { LocalUser } from '../accounts/sessions.ts'

/** Long enough for two logins in a row; a computer that others use too is not left open for a day. */
export const BROWSER_SESSION_MS = 2 * 3_600_000

/** Who is signed in to the server's own pages. */
export interface BrowserUser extends LocalUser {
  /** When the user has last proven who it is, ms since the epoch. */
  readonly signedInTs: number
  readonly hasPassword: boolean
  /** Under which session of an identity provider, if it told one. */
  readonly ssoSession: Buffer | undefined
}

/** Signs a browser in. Returns the secret of its cookie. @param ssoSession of the identity provider. */
export async function startBrowserSession(
  { queries }: Accounts,
  user: LocalUser,
  ssoSession?: Buffer,
): Promise<string> {
  const token = newSessionId()
  await insertBrowserSession(queries, secretHash(token), {
    userNid: user.userNid,
    credentialHash: secretHash((await passwordHashOf(queries, user.userNid)) ?? ''),
    createdTs: Date.now(),
    ssoSession,
  })
  return token
}

/** Who is signed in with a cookie; nobody once the password has been changed, or the account closed or locked. */
export async function browserUser(
  { queries }: Accounts,
  token: string | undefined,
): Promise<BrowserUser | undefined> {
  const session = token === undefined ? undefined : await findBrowserSession(queries, secretHash(token))
  if (!session || session.createdTs + BROWSER_SESSION_MS <= Date.now()) return undefined
  if (!timingSafeEqual(session.credentialHash, secretHash(session.passwordHash ?? ''))) return undefined
  const { userNid, userId, createdTs } = session
  const ssoSession = session.ssoSession ?? undefined
  return { userNid, userId, signedInTs: createdTs, hasPassword: session.passwordHash !== null, ssoSession }
}

/** Signs a browser out. */
export async function endBrowserSession({ queries }: Accounts, token: string): Promise<void> {
  await deleteBrowserSession(queries, secretHash(token))
}
