import type { Session } from '../../homeserver/accounts/sessions.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { readThreads } from '../../homeserver/relations/read-threads.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { limitOf, tokenOf } from '../history/page-parameters.ts'

/** `GET /rooms/{roomId}/threads` (client-server API, "Threading"). */
export function getThreads({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const include = request.query('include') ?? 'all'
    if (include !== 'all' && include !== 'participated') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`include` must be "all" or "participated"')
    }
    const from = tokenOf(request, 'from')
    const limit = Math.max(1, limitOf(request))
    const access = await accessRoom(sync.services, viewer, request.param('roomId'))
    const wanted = { participated: include === 'participated', from, limit }
    const { chunk, end } = await readThreads(sync.services, viewer, access, wanted)
    const next = end === undefined ? '' : `,"next_batch":${JSON.stringify(end)}`
    return jsonText(`{"chunk":[${chunk.join(',')}]${next}}`)
  }
}
