import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'

/** `GET /account/whoami`. */
export function whoAmI(): Handler<Session> {
  return (_request, { userId, deviceId, guest }) =>
    json({ user_id: userId, ...(deviceId !== undefined && { device_id: deviceId }), is_guest: guest })
}
