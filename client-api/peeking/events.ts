import type { Session } from '../../homeserver/accounts/sessions.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { watchEvents } from '../../homeserver/peeking/watch-events.ts'
import { formatToken, parseStreamToken } from '../../homeserver/sync/tokens.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { ClientApiContext } from '../context.ts'

/**
 * `GET /events`: with `room_id`, what is new in a room that one looks into (room previews module); without, in all
 * rooms that one is in, in the deprecated way of events alone.
 */
export function getEvents({ sync }: ClientApiContext): Handler<Session> {
  const { services } = sync
  const tokenAt = (position: StreamPosition): string =>
    formatToken({ kind: 'stream', position, ephemeral: services.ephemeral })
  return async (request, viewer) => {
    const roomId = request.query('room_id')
    const rooms = async () => {
      if (roomId !== undefined) return [(await accessRoom(services, viewer, roomId)).roomNid]
      const view = await services.views.of(viewer.userNid)
      return [...view.rooms.values()]
        .filter(({ membership }) => membership === 'join')
        .map(({ roomNid }) => roomNid)
    }
    const from = request.query('from')
    const abandoned = new AbortController()
    const abandon = (): void => abandoned.abort()
    request.message.socket.once('close', abandon)
    try {
      const { start, end, chunk } = await watchEvents(services, {
        viewer,
        rooms,
        from: from === undefined ? undefined : parseStreamToken(from, 'from').position,
        timeoutMs: timeoutOf(request),
        signal: abandoned.signal,
      })
      const [first, last] = [tokenAt(start), tokenAt(end)].map((token) => JSON.stringify(token))
      return jsonText(`{"start":${first},"end":${last},"chunk":[${chunk.join(',')}]}`)
    } finally {
      request.message.socket.off('close', abandon)
    }
  }
}

function timeoutOf(request: IncomingRequest): number {
  const text = request.query('timeout')
  if (text === undefined) return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new MatrixError(400, 'M_INVALID_PARAM', '`timeout` must be a number of milliseconds')
}
