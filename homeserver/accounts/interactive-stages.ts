import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { isRegistrationTokenValid } from '../../storage/accounts/registration-tokens.ts'
import type { Accounts } from './accounts.ts'
import { checkPassword } from './check-password.ts'
import type { LocalUser } from './sessions.ts'
import { accountCalled } from './usernames.ts'

/** The authentication types that this server has. */
export type Stage = 'm.login.dummy' | 'm.login.password' | 'm.login.registration_token'

/** How an attempt at a stage went. */
export type StageResult =
  | { readonly passed: true; readonly registrationToken?: string }
  | { readonly passed: false; readonly errcode: string; readonly error: string }

/**
 * Tries a stage with what the client sent.
 *
 * @param user whose password counts.
 * @throws MatrixError 400 for missing fields, 403 when another user authenticates, 429 after too many failures.
 */
export async function runStage(
  accounts: Accounts,
  stage: Stage,
  auth: JsonObject,
  user: LocalUser | undefined,
): Promise<StageResult> {
  switch (stage) {
    case 'm.login.dummy':
      return { passed: true }
    case 'm.login.password':
      return passwordStage(accounts, auth, user)
    case 'm.login.registration_token':
      return registrationTokenStage(accounts, auth)
  }
}

async function passwordStage(
  accounts: Accounts,
  auth: JsonObject,
  user: LocalUser | undefined,
): Promise<StageResult> {
  const password = ownValue(auth, 'password')
  if (typeof password !== 'string')
    throw new MatrixError(400, 'M_MISSING_PARAM', '`auth.password` is missing')
  const name = claimedName(auth)
  const claimed = name === undefined ? user : await accountCalled(accounts, name)
  if (user && claimed && claimed.userNid !== user.userNid) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'Another user has to authenticate this')
  }
  const right = await checkPassword(accounts, claimed?.userNid, password, claimed?.userId ?? name ?? '')
  return right ? { passed: true } : { passed: false, errcode: 'M_FORBIDDEN', error: 'The password is wrong' }
}

/** Whom the client says it authenticates, in the present or the older form; undefined: the user of the token. */
export function claimedName(auth: JsonObject): string | undefined {
  const identifier = ownValue(auth, 'identifier')
  if (identifier === undefined) {
    const legacy = ownValue(auth, 'user')
    return typeof legacy === 'string' ? legacy : undefined
  }
  const name = isJsonObject(identifier) ? ownValue(identifier, 'user') : undefined
  if (!isJsonObject(identifier) || ownValue(identifier, 'type') !== 'm.id.user' || typeof name !== 'string') {
    throw new MatrixError(400, 'M_UNKNOWN', 'Only identifiers of type m.id.user, with a user, are supported')
  }
  return name
}

async function registrationTokenStage(accounts: Accounts, auth: JsonObject): Promise<StageResult> {
  const token = ownValue(auth, 'token')
  if (typeof token !== 'string') throw new MatrixError(400, 'M_MISSING_PARAM', '`auth.token` is missing')
  const valid = !token.includes('\0') && (await isRegistrationTokenValid(accounts.queries, token, Date.now()))
  return valid
    ? { passed: true, registrationToken: token }
    : { passed: false, errcode: 'M_UNAUTHORIZED', error: 'The registration token is not valid' }
}
