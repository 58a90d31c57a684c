import { newLoginToken, secretHash } from '../../homeserver/accounts/bearer-secrets.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { insertLoginToken } from '../../storage/accounts/login-tokens.ts'
import type { AccountApiContext } from '../context.ts'
import { requirePassword } from '../http/require-password.ts'

/** `POST /login/get_token`: a single-use token with which another device of the user logs in. */
export function getLoginToken({ accounts, config, queries }: AccountApiContext): Handler<Session> {
  const { enabled, requireUiAuth, tokenTimeoutMs } = config.login.existingSession
  return async (request, session) => {
    if (!enabled) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server gives out no login tokens')
    const body = await request.optionalObject()
    const ask = requireUiAuth ? await requirePassword(accounts, session, body, 'get_token') : undefined
    if (ask) return ask
    const token = newLoginToken()
    await insertLoginToken(queries, secretHash(token), session.userNid, Date.now() + tokenTimeoutMs)
    return json({ login_token: token, expires_in_ms: tokenTimeoutMs })
  }
}
