import { checkUserIdFree, newUserId } from '../../homeserver/accounts/usernames.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { registrationDisabled } from './register.ts'

/** `GET /register/available`. */
export function checkUsername({ accounts, config, limits }: ClientApiContext): Handler<undefined> {
  return async (request) => {
    if (!config.registration.enabled) throw registrationDisabled()
    const username = request.query('username')
    if (username === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`username` is missing')
    limits.registrationTokenValidity.consume(request.clientAddress)
    await checkUserIdFree(accounts, newUserId(accounts, username))
    return json({ available: true })
  }
}
