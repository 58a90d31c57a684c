import { newLocalpart } from '../../homeserver/accounts/bearer-secrets.ts'
import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { checkDeviceWish, startSession } from '../../homeserver/accounts/start-session.ts'
import { newUserId } from '../../homeserver/accounts/usernames.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalText } from '../http/body-fields.ts'

/** `POST /register?kind=guest`: of what the client says, the name of the device alone counts. */
export async function registerGuest(
  { accounts, config, limits }: AccountApiContext,
  body: JsonObject,
  address: string,
): Promise<Answer> {
  if (!config.registration.allowGuests) {
    throw new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'This server does not let guests in')
  }
  const device = { displayName: optionalText(body, 'initial_device_display_name') }
  checkDeviceWish(device)
  limits.registration.consume(addressKey(address))
  const userId = newUserId(accounts, newLocalpart())
  const user = await createAccount(accounts, { userId, password: undefined, guest: true })
  const granted = await startSession(accounts, user, device, address)
  return json({ user_id: user.userId, home_server: accounts.serverName, ...granted })
}
