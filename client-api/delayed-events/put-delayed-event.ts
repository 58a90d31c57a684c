import type { Session } from '../../homeserver/accounts/sessions.ts'
import { findRepeated, scheduleEvent } from '../../homeserver/delayed-events/schedule-event.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `PUT /rooms/{roomId}/delayed_event/{eventType}/{txnId}` (MSC4140): a message, or state where there is a key. */
export function putDelayedEvent({ delayedEvents }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const repeatable = {
      roomId: roomIdOf(request),
      type: request.param('eventType'),
      txnId: request.param('txnId'),
    }
    const before = await findRepeated(delayedEvents, session, repeatable)
    if (before !== undefined) return json({ delay_id: before })
    const body = await request.object()
    const event = {
      roomId: repeatable.roomId,
      type: repeatable.type,
      stateKey: optionalText(body, 'state_key'),
      content: contentOf(body),
      delayMs: delayOf(body),
    }
    return json({ delay_id: await scheduleEvent(delayedEvents, session, event, repeatable) })
  }
}

function contentOf(body: JsonObject): JsonObject {
  const content = ownValue(body, 'content')
  if (content === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`content` is missing')
  if (isJsonObject(content)) return content
  throw new MatrixError(400, 'M_BAD_JSON', '`content` must be an object')
}

function delayOf(body: JsonObject): number {
  const delay = ownValue(body, 'delay_ms')
  if (delay === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`delay_ms` is missing')
  if (typeof delay === 'number' && Number.isSafeInteger(delay) && delay > 0) return delay
  throw new MatrixError(400, 'M_BAD_JSON', '`delay_ms` must be a number of milliseconds above 0')
}
