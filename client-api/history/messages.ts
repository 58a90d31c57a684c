import type { Session } from '../../homeserver/accounts/sessions.ts'
import { readPage } from '../../homeserver/history/messages.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { filterOf, limitOf, tokenOf } from './page-parameters.ts'

/** `GET /rooms/{roomId}/messages`. */
export function getMessages({ sync, rooms }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const access = await accessRoom(sync.services, viewer, request.param('roomId'))
    const direction = request.query('dir')
    if (direction === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`dir` is missing')
    if (direction !== 'b' && direction !== 'f') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`dir` must be "b" or "f"')
    }
    const { start, end, chunk, state } = await readPage(sync.services, rooms.remote, {
      viewer,
      access,
      direction,
      from: tokenOf(request, 'from'),
      to: tokenOf(request, 'to'),
      limit: Math.max(1, limitOf(request)),
      filter: filterOf(request),
    })
    const members = [`"start":${JSON.stringify(start)}`, `"chunk":[${chunk.join(',')}]`]
    if (end !== undefined) members.push(`"end":${JSON.stringify(end)}`)
    if (state.length > 0) members.push(`"state":[${state.join(',')}]`)
    return jsonText(`{${members.join(',')}}`)
  }
}
