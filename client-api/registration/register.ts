import { newLocalpart } from '../../homeserver/accounts/bearer-secrets.ts'
import { tellListeners } from '../../homeserver/accounts/accounts.ts'
import { checkPasswordPolicy } from '../../homeserver/accounts/check-password-policy.ts'
import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { authenticateInteractively } from '../../homeserver/accounts/interactive-auth.ts'
import { startSession } from '../../homeserver/accounts/start-session.ts'
import { guestOf, upgradeGuest } from '../../homeserver/accounts/upgrade-guest.ts'
import { checkUserIdFree, newUserId } from '../../homeserver/accounts/usernames.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../protocol/json/value.ts'
import { ownerOf, putThirdPartyId } from '../../storage/third-party-ids/third-party-ids.ts'
import type { AccountApiContext } from '../context.ts'
import { inUse } from '../third-party-ids/errors.ts'
import { APP_SERVICE_LOGIN } from '../http/app-service-token.ts'
import { optionalFlag, optionalText } from '../http/body-fields.ts'
import { deviceWishOf } from '../http/device-wish.ts'
import { registerAppServiceUser } from './register-app-service-user.ts'
import { registerGuest } from './register-guest.ts'
import { registrationFlows } from './registration-flows.ts'

/** `POST /register`. */
export function register(context: AccountApiContext): Handler<undefined> {
  const { accounts, config, limits } = context
  const openFlows = registrationFlows(context)
  return async (request) => {
    const body = await request.object()
    if (ownValue(body, 'type') === APP_SERVICE_LOGIN) return registerAppServiceUser(context, request, body)
    const kind = request.query('kind') ?? 'user'
    if (kind === 'guest') return registerGuest(context, body, request.clientAddress)
    if (kind !== 'user') throw new MatrixError(400, 'M_INVALID_PARAM', '`kind` must be user or guest')
    const flows = await openFlows()
    if (flows.length === 0) throw registrationDisabled()
    const username = optionalText(body, 'username')
    const password = optionalText(body, 'password')
    const device = deviceWishOf(body)
    const guestToken = optionalText(body, 'guest_access_token')
    const userId = newUserId(accounts, username ?? newLocalpart())
    if (password !== undefined) checkPasswordPolicy(password, config.login.passwordPolicy)
    const guest = guestToken === undefined ? undefined : await guestOf(accounts, guestToken, userId)
    if (!guest && username !== undefined && !config.registration.inhibitUserInUseError) {
      await checkUserIdFree(accounts, userId)
    }
    const addressLimit = addressKey(request.clientAddress)
    limits.registration.check(addressLimit)
    const outcome = await authenticateInteractively(accounts, ownValue(body, 'auth'), {
      purpose: guest ? `upgrade ${guest.userId}` : 'register',
      isRegistration: true,
      flows,
      address: request.clientAddress,
    })
    if (!outcome.passed) return json(outcome.challenge, 401)
    limits.registration.consume(addressLimit)
    if (password === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`password` is missing')
    const { registrationToken, completed, addressProof } = outcome
    const proof = addressProof === null ? undefined : await accounts.addressProofs?.spend(addressProof)
    if (addressProof !== null && !proof) throw proofSpent()
    if (proof && (await ownerOf(context.queries, proof.address)) !== undefined) throw inUse()
    const consentVersion = completed.includes('m.login.terms')
      ? config.registration.consent?.version
      : undefined
    const wish = { userId, password, registrationToken, consentVersion }
    const user = guest ?? (await createAccount(accounts, wish))
    if (guest) await upgradeGuest(accounts, guest, wish)
    if (proof && (await putThirdPartyId(context.queries, user.userNid, { ...proof, addedTs: Date.now() }))) {
      await tellListeners(accounts, (listener) => listener.addressRegistered?.(user, proof.address))
    }
    const answer = { user_id: user.userId, home_server: accounts.serverName }
    if (optionalFlag(body, 'inhibit_login')) return json(answer)
    return json({ ...answer, ...(await startSession(accounts, user, device, request.clientAddress)) })
  }
}

function proofSpent(): MatrixError {
  return new MatrixError(403, 'M_UNAUTHORIZED', 'The mail has been used already; ask for a new one')
}

/** The error where accounts are only made by administrators. */
export function registrationDisabled(): MatrixError {
  return new MatrixError(
    403,
    'M_FORBIDDEN',
    'Registration is not open here; ask an administrator for an account',
  )
}
