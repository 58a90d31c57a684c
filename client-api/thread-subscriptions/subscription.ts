import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import {
  readSubscription,
  subscribe,
  unsubscribe,
  type NamedThread,
} from '../../homeserver/thread-subscriptions/subscription.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isEventId } from '../../protocol/identifiers/event-id.ts'
import { isRoomId } from '../../protocol/identifiers/room-id.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /rooms/{roomId}/thread/{eventId}/subscription` (MSC4306). */
export function getSubscription({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const { automatic } = await readSubscription(sync.services, viewer, threadOf(request))
    return json({ automatic })
  }
}

/** `PUT` of the same. */
export function putSubscription({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const automatic = ownValue(await request.object(), 'automatic')
    if (automatic !== undefined && (typeof automatic !== 'string' || !isEventId(automatic))) {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`automatic` must be an event id')
    }
    await subscribe(sync.services, viewer, threadOf(request), automatic)
    return nothing()
  }
}

/** `DELETE` of the same. */
export function deleteSubscription({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    await unsubscribe(sync.services, viewer, threadOf(request))
    return nothing()
  }
}

function threadOf(request: IncomingRequest): NamedThread {
  const [roomId, rootEventId] = [request.param('roomId'), request.param('eventId')]
  if (isRoomId(roomId) && isEventId(rootEventId)) return { roomId, rootEventId }
  throw new MatrixError(400, 'M_INVALID_PARAM', 'The path must name a room and an event')
}
