import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { roomsOfUser } from '../../storage/rooms/membership-reader.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /joined_rooms`. */
export function getJoinedRooms({ queries, interner }: ClientApiContext): Handler<Session> {
  return async (_, session) => {
    const nids = await roomsOfUser(queries, session.userNid, ['join'])
    return json({ joined_rooms: [...(await interner.roomIds(nids)).values()] })
  }
}
