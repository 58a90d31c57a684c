import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { countMutualRooms, mutualRooms } from '../../storage/rooms/mutual-rooms.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** Rooms of one answer. */
const PAGE_SIZE = 100
/** Numbers of rooms are far below this many digits. */
const TOKEN = /^r(\d{1,15})$/

/** `GET /mutual_rooms` (client-server API, "Mutual rooms"), and as it was before it was there (MSC2666). */
export function mutualRoomRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  const handler = user(getMutualRooms(context))
  return declareRoutes()
    .get('/_matrix/client/v1/mutual_rooms', handler)
    .get('/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms', handler)
}

function getMutualRooms({ queries, interner }: ClientApiContext): Handler<Session> {
  return async (request, { userNid, userId }) => {
    const otherId = request.query('user_id')
    if (otherId === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`user_id` is missing')
    if (otherId === userId) throw new MatrixError(400, 'M_INVALID_PARAM', 'You share all rooms with yourself')
    if (!isUserId(otherId)) throw new MatrixError(400, 'M_INVALID_PARAM', '`user_id` is not a user id')
    const after = placeOf(request.query('from'))
    const otherNid = await interner.findUserNid(otherId)
    if (otherNid === undefined) return json({ joined: [], count: 0 })
    const [found, count] = await Promise.all([
      mutualRooms(queries, userNid, otherNid, after, PAGE_SIZE + 1),
      countMutualRooms(queries, userNid, otherNid),
    ])
    const page = found.slice(0, PAGE_SIZE)
    const roomIds = await interner.roomIds(page)
    const joined = page.flatMap((roomNid) => roomIds.get(roomNid) ?? [])
    return json({ joined, count, ...(found.length > PAGE_SIZE && { next_batch: `r${page.at(-1)}` }) })
  }
}

function placeOf(token: string | undefined): number {
  if (token === undefined) return 0
  const [, place] = TOKEN.exec(token) ?? []
  if (place === undefined) throw new MatrixError(400, 'M_INVALID_PARAM', '`from` is not a token of this list')
  return Number(place)
}
