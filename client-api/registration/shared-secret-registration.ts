import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { isClaimAuthentic } from '../../homeserver/accounts/shared-secret.ts'
import { startSession } from '../../homeserver/accounts/start-session.ts'
import { userIdFor } from '../../homeserver/accounts/usernames.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag, optionalText, requiredText } from '../http/body-fields.ts'

/** `GET /_synapse/admin/v1/register`: a nonce for the request below. */
export function registrationNonce({ accounts }: AccountApiContext): Handler<undefined> {
  return () => json({ nonce: accounts.nonces.issue() })
}

/** `POST /_synapse/admin/v1/register`: an account for whoever knows the shared secret, in Synapse's form. */
export function registerBySharedSecret({ accounts }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    const secret = accounts.registrationSharedSecret
    if (secret === undefined)
      throw new MatrixError(400, 'M_UNKNOWN', 'Shared-secret registration is not enabled')
    const body = await request.object()
    const claim = {
      nonce: requiredText(body, 'nonce'),
      username: requiredText(body, 'username'),
      password: requiredText(body, 'password'),
      admin: optionalFlag(body, 'admin') ?? false,
      userType: optionalText(body, 'user_type'),
      mac: requiredText(body, 'mac'),
    }
    if (claim.username.includes('\0') || claim.password.includes('\0')) {
      throw new MatrixError(400, 'M_INVALID_PARAM', 'User name and password may not hold U+0000')
    }
    if (!accounts.nonces.take(claim.nonce)) throw new MatrixError(400, 'M_UNKNOWN', 'The nonce is not valid')
    if (!isClaimAuthentic(claim, secret)) throw new MatrixError(403, 'M_UNKNOWN', 'The MAC is wrong')
    const displayName = optionalText(body, 'displayname')
    const user = await createAccount(accounts, {
      userId: userIdFor(accounts, claim.username),
      password: claim.password,
      admin: claim.admin,
      ...(displayName !== undefined && { displayName }),
    })
    const granted = await startSession(accounts, user, {}, request.clientAddress)
    return json({ ...granted, user_id: user.userId, home_server: accounts.serverName })
  }
}
