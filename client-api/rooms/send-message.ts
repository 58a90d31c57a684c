import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { sendMessage } from '../../homeserver/rooms/actions/send-message.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { roomIdOf } from './room-id-of.ts'

/** `PUT /rooms/{roomId}/send/{eventType}/{txnId}`. */
export function putMessage({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const eventId = await sendMessage(rooms, session, {
      roomId: roomIdOf(request),
      type: request.param('eventType'),
      txnId: request.param('txnId'),
      content: await request.object(),
    })
    return json({ event_id: eventId })
  }
}
