import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { markRead, type ReadMarks } from '../../homeserver/rooms/actions/mark-read.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isEventId } from '../../protocol/identifiers/event-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `POST /rooms/{roomId}/receipt/{receiptType}/{eventId}`. */
function postReceipt({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const type = request.param('receiptType')
    const thread = threadIn(await request.optionalObject(), type)
    const marks = marksOf(type, request.param('eventId'), thread)
    await markRead(rooms, session, roomIdOf(request), marks)
    return nothing()
  }
}

function marksOf(type: string, eventId: string, thread: string): ReadMarks {
  switch (type) {
    case 'm.read':
      return { read: eventId, thread }
    case 'm.read.private':
      return { readPrivately: eventId, thread }
    case 'm.fully_read':
      return { fullyRead: eventId }
    default:
      throw new MatrixError(400, 'M_INVALID_PARAM', 'There is no such type of receipt')
  }
}

function threadIn(body: JsonObject, type: string): string {
  const thread = ownValue(body, 'thread_id')
  if (thread === undefined) return ''
  const valid = typeof thread === 'string' && (thread === MAIN_THREAD || isEventId(thread))
  if (valid && type !== 'm.fully_read') return thread
  throw new MatrixError(400, 'M_INVALID_PARAM', '`thread_id` must be main or the id of a thread')
}

/** What users have read. */
export function receiptRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().post(
    '/_matrix/client/v3/rooms/:roomId/receipt/:receiptType/:eventId',
    guest(postReceipt(context)),
  )
}
