import { changePassword } from '../../homeserver/accounts/change-password.ts'
import { checkPasswordPolicy } from '../../homeserver/accounts/check-password-policy.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag, requiredText } from '../http/body-fields.ts'
import { requirePassword } from '../http/require-password.ts'

/**
 * `POST /account/password`. Only with a token: without one the only proof would be an e-mail address, of which
 * this server keeps none.
 */
export function changeOwnPassword({ accounts, config }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    if (!config.login.passwordReauth) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'Passwords are not used on this server')
    }
    const body = await request.object()
    const ask = await requirePassword(accounts, session, body, 'change-password')
    if (ask) return ask
    const password = requiredText(body, 'new_password')
    checkPasswordPolicy(password, config.login.passwordPolicy)
    const logoutOthers = optionalFlag(body, 'logout_devices') ?? true
    await changePassword(accounts, session, password, { logoutOthers, keep: session.deviceId })
    return nothing()
  }
}
