import type { Session } from '../../homeserver/accounts/sessions.ts'
import { summariseRoom } from '../../homeserver/directory/summaries/summarise-room.ts'
import { roomSummaryJson } from '../../homeserver/directory/summaries/summary-json.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `GET /room_summary/{roomIdOrAlias}`. */
function getRoomSummary({ directory }: ClientApiContext): Handler<Session | undefined> {
  return async (request, session) => {
    const room = request.param('roomIdOrAlias')
    const { summary, membership } = await summariseRoom(directory, session, room, request.queryAll('via'))
    return json({ ...roomSummaryJson(summary), ...(membership !== undefined && { membership }) })
  }
}

/** Summaries of single rooms. The last two paths are those of MSC3266, which clients of today still ask. */
export function roomSummaryRoutes(context: ClientApiContext, { optional }: ClientEndpoints): Routes {
  const unstable = '/_matrix/client/unstable/im.nheko.summary'
  return declareRoutes()
    .get('/_matrix/client/v1/room_summary/:roomIdOrAlias', optional(getRoomSummary(context)))
    .get(`${unstable}/rooms/:roomIdOrAlias/summary`, optional(getRoomSummary(context)))
    .get(`${unstable}/summary/:roomIdOrAlias`, optional(getRoomSummary(context)))
}
