import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isRegistrationTokenValid } from '../../storage/accounts/registration-tokens.ts'
import type { AccountApiContext } from '../context.ts'
import { registrationDisabled } from './register.ts'

/** `GET /register/m.login.registration_token/validity`. */
export function tokenValidity({ config, limits, queries }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    limits.registrationTokenValidity.consume(addressKey(request.clientAddress))
    if (!config.registration.enabled) throw registrationDisabled()
    const token = request.query('token')
    if (token === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`token` is missing')
    return json({ valid: await isRegistrationTokenValid(queries, token, Date.now()) })
  }
}
