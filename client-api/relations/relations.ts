import type { Session } from '../../homeserver/accounts/sessions.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { readRelations, RECURSION_DEPTH } from '../../homeserver/relations/read-relations.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { limitOf, tokenOf } from '../history/page-parameters.ts'

/** What of a relation the path names beside the event. */
export type PathFilter = 'relType' | 'eventType'

/**
 * `GET /rooms/{roomId}/relations/{eventId}[/{relType}[/{eventType}]]` (client-server API, "Relationships API").
 *
 * @param filters those that the path has.
 */
export function getRelations({ sync }: ClientApiContext, filters: readonly PathFilter[]): Handler<Session> {
  return async (request, viewer) => {
    const direction = request.query('dir') ?? 'b'
    if (direction !== 'b' && direction !== 'f') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`dir` must be "b" or "f"')
    }
    const recurse = recurseOf(request)
    const filter = (name: PathFilter): string | undefined =>
      filters.includes(name) ? request.param(name) : undefined
    const from = tokenOf(request, 'from')
    const wanted = {
      eventId: request.param('eventId'),
      relType: filter('relType'),
      eventType: filter('eventType'),
      recurse: recurse === true,
      direction,
      from,
      to: tokenOf(request, 'to'),
      limit: Math.max(1, limitOf(request)),
    } as const
    const access = await accessRoom(sync.services, viewer, request.param('roomId'))
    const { chunk, end } = await readRelations(sync.services, viewer, access, wanted)
    const members = [`"chunk":[${chunk.join(',')}]`]
    if (end !== undefined) members.push(`"next_batch":${JSON.stringify(end)}`)
    if (from) members.push(`"prev_batch":${JSON.stringify(request.query('from'))}`)
    if (recurse !== undefined) members.push(`"recursion_depth":${recurse ? RECURSION_DEPTH : 1}`)
    return jsonText(`{${members.join(',')}}`)
  }
}

/** The stable name and that of MSC3981, which clients from before version 1.10 send. */
function recurseOf(request: IncomingRequest): boolean | undefined {
  const text = request.query('recurse') ?? request.query('org.matrix.msc3981.recurse')
  if (text === undefined) return undefined
  if (text !== 'true' && text !== 'false') {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`recurse` must be true or false')
  }
  return text === 'true'
}
