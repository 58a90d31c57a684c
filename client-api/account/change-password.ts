import { changePassword } from '../../homeserver/accounts/change-password.ts'
import { checkPasswordPolicy } from '../../homeserver/accounts/check-password-policy.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { passwordHashOf } from '../../storage/accounts/account-reader.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalFlag, requiredText } from '../http/body-fields.ts'
import { refuseGuest } from '../http/client-endpoints.ts'
import { requirePassword } from '../http/require-password.ts'
import { resetPassword } from './reset-password.ts'

/** `POST /account/password`. Accounts that are used by single sign-on alone get none by it. */
export function changePasswordOf(context: AccountApiContext): Handler<Session | undefined> {
  const { accounts, config, queries } = context
  return async (request, session) => {
    if (!session) return resetPassword(context, await request.object(), request.clientAddress)
    refuseGuest(session)
    const hasPassword = (await passwordHashOf(queries, session.userNid)) !== null
    if (!config.login.passwordReauth || !hasPassword) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'This account is used without a password')
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
