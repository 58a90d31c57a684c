import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { redactEvent } from '../../homeserver/rooms/actions/redact-event.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'

/** `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`. Suspended users may take back what they said. */
export function putRedaction({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const eventId = await redactEvent(rooms, session, {
      roomId: roomIdOf(request),
      eventId: request.param('eventId'),
      txnId: request.param('txnId'),
      reason: optionalText(await request.optionalObject(), 'reason'),
    })
    return json({ event_id: eventId })
  }
}
