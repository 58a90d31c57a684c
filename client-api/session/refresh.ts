import { refreshSession } from '../../homeserver/accounts/refresh-session.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { requiredText } from '../http/body-fields.ts'

/** `POST /refresh`. */
export function refresh({ accounts }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    const { device_id: _, ...granted } = await refreshSession(
      accounts,
      requiredText(await request.object(), 'refresh_token'),
    )
    return json(granted)
  }
}
