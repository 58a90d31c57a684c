import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'

/** `GET /account/3pid`: accounts of this server have no e-mail addresses or telephone numbers. */
export function thirdPartyIds(): Handler<Session> {
  return () => json({ threepids: [] })
}
