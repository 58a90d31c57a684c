import { newLocalpart } from '../../homeserver/accounts/bearer-secrets.ts'
import { checkPasswordPolicy } from '../../homeserver/accounts/check-password-policy.ts'
import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { authenticateInteractively } from '../../homeserver/accounts/interactive-auth.ts'
import type { LocalUser } from '../../homeserver/accounts/sessions.ts'
import { startSession } from '../../homeserver/accounts/start-session.ts'
import { checkUserIdFree, newUserId } from '../../homeserver/accounts/usernames.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag, optionalText } from '../http/body-fields.ts'
import { registrationFlows } from './registration-flows.ts'

/** `POST /register`. */
export function register(context: AccountApiContext): Handler<undefined> {
  const { accounts, config } = context
  const openFlows = registrationFlows(context)
  return async (request) => {
    const body = await request.object()
    const kind = request.query('kind') ?? 'user'
    if (kind === 'guest') return registerGuest(context, body, request.clientAddress)
    if (kind !== 'user') throw new MatrixError(400, 'M_INVALID_PARAM', '`kind` must be user or guest')
    const flows = await openFlows()
    if (flows.length === 0) throw registrationDisabled()
    const username = optionalText(body, 'username')
    const password = optionalText(body, 'password')
    const userId = newUserId(accounts, username ?? newLocalpart())
    if (password !== undefined) checkPasswordPolicy(password, config.login.passwordPolicy)
    if (username !== undefined && !config.registration.inhibitUserInUseError)
      await checkUserIdFree(accounts, userId)
    const outcome = await authenticateInteractively(accounts, ownValue(body, 'auth'), {
      purpose: 'register',
      flows,
    })
    if (!outcome.passed) return json(outcome.challenge, 401)
    context.limits.registration.consume(addressKey(request.clientAddress))
    if (password === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`password` is missing')
    const user = await createAccount(accounts, {
      userId,
      password,
      registrationToken: outcome.registrationToken,
    })
    return logInNewUser(context, user, body)
  }
}

async function registerGuest(context: AccountApiContext, body: JsonObject, address: string): Promise<Answer> {
  if (!context.config.registration.allowGuests) {
    throw new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'This server does not let guests in')
  }
  context.limits.registration.consume(addressKey(address))
  const userId = newUserId(context.accounts, newLocalpart())
  const user = await createAccount(context.accounts, { userId, password: undefined, guest: true })
  return logInNewUser(context, user, body)
}

async function logInNewUser(
  { accounts }: AccountApiContext,
  user: LocalUser,
  body: JsonObject,
): Promise<Answer> {
  const answer = { user_id: user.userId, home_server: accounts.serverName }
  if (optionalFlag(body, 'inhibit_login')) return json(answer)
  const granted = await startSession(accounts, user, {
    deviceId: optionalText(body, 'device_id'),
    displayName: optionalText(body, 'initial_device_display_name'),
    refreshable: optionalFlag(body, 'refresh_token') ?? false,
  })
  return json({ ...answer, ...granted })
}

/** The error where accounts are only made by administrators. */
export function registrationDisabled(): MatrixError {
  return new MatrixError(
    403,
    'M_FORBIDDEN',
    'Registration is not open here; ask an administrator for an account',
  )
}
