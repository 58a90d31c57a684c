import { checkUserIdFree, newUserId } from '../../homeserver/accounts/usernames.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { registrationDisabled } from './register.ts'
import { registrationFlows } from './registration-flows.ts'

/** `GET /register/available`. */
export function checkUsername(context: AccountApiContext): Handler<undefined> {
  const { accounts, limits } = context
  const openFlows = registrationFlows(context)
  return async (request) => {
    if ((await openFlows()).length === 0) throw registrationDisabled()
    const username = request.query('username')
    if (username === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`username` is missing')
    limits.registrationTokenValidity.consume(addressKey(request.clientAddress))
    await checkUserIdFree(accounts, newUserId(accounts, username))
    return json({ available: true })
  }
}
