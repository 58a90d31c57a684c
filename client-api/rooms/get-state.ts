import type { Session } from '../../homeserver/accounts/sessions.ts'
import { contentText } from '../../homeserver/history/event-text.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { readState, readStateAt } from '../../homeserver/rooms/reading/read-state.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { clientEventsTextOf, clientEventText } from './client-events.ts'
import { roomIdOf } from './room-id-of.ts'

/** `GET /rooms/{roomId}/state`. */
export function getState({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) =>
    jsonText(await clientEventsTextOf(readState(rooms.services, session, roomIdOf(request))))
}

/** `GET /rooms/{roomId}/state/{eventType}/{stateKey}`. */
export function getStateAt(context: ClientApiContext): Handler<Session> {
  return getAt(context, (request) => request.param('stateKey'))
}

/** The same without a state key, which then is the empty one. */
export function getKeylessState(context: ClientApiContext): Handler<Session> {
  return getAt(context, () => '')
}

function getAt({ rooms }: ClientApiContext, keyOf: (request: IncomingRequest) => string): Handler<Session> {
  return async (request, session) => {
    const format = request.query('format') ?? 'content'
    if (format !== 'content' && format !== 'event') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`format` must be content or event')
    }
    const place = { type: request.param('eventType'), stateKey: keyOf(request) }
    const stored = await readStateAt(rooms.services, session, roomIdOf(request), place)
    if (!stored) throw new MatrixError(404, 'M_NOT_FOUND', 'The room has no such state')
    return jsonText(format === 'event' ? clientEventText(stored) : contentText(stored))
  }
}
