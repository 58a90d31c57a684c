import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { setState } from '../../homeserver/rooms/actions/set-state.ts'
import type { ClientApiContext } from '../context.ts'
import { scheduleByQuery } from '../delayed-events/schedule-by-query.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { roomIdOf } from './room-id-of.ts'
import { wishedTime } from './wished-time.ts'

/** `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`. */
export function putState(context: ClientApiContext): Handler<Session> {
  return put(context, (request) => request.param('stateKey'))
}

/** The same without a state key, which then is the empty one. */
export function putKeylessState(context: ClientApiContext): Handler<Session> {
  return put(context, () => '')
}

function put(context: ClientApiContext, keyOf: (request: IncomingRequest) => string): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const place = { roomId: roomIdOf(request), type: request.param('eventType'), stateKey: keyOf(request) }
    const delayed = await scheduleByQuery(context, request, session, place, undefined)
    if (delayed) return delayed
    const originServerTs = wishedTime(request, session)
    const content = await request.object()
    const state = { ...place, content, originServerTs }
    return json({ event_id: await setState(context.rooms, session, state) })
  }
}
