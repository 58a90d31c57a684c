import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { sendMessage } from '../../homeserver/rooms/actions/send-message.ts'
import type { ClientApiContext } from '../context.ts'
import { scheduleByQuery } from '../delayed-events/schedule-by-query.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { roomIdOf } from './room-id-of.ts'
import { wishedTime } from './wished-time.ts'

/** `PUT /rooms/{roomId}/send/{eventType}/{txnId}`. */
export function putMessage(context: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const roomId = roomIdOf(request)
    const type = request.param('eventType')
    const txnId = request.param('txnId')
    const delayed = await scheduleByQuery(context, request, session, { roomId, type }, txnId)
    if (delayed) return delayed
    const originServerTs = wishedTime(request, session)
    const content = await request.object()
    const message = { roomId, type, txnId, content, originServerTs }
    return json({ event_id: await sendMessage(context.rooms, session, message) })
  }
}
