import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { upgradeRoom } from '../../homeserver/rooms/actions/upgrade-room/upgrade-room.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { requiredText, requiredTexts } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** Each stands above every power level, for good. */
const MAX_CREATORS = 100

/** `POST /rooms/{roomId}/upgrade` (client-server API, "Room Upgrades"). */
export function postUpgrade({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const body = await request.object()
    const listed = (ownValue(body, 'additional_creators') ?? null) !== null
    const replacement = await upgradeRoom(rooms, session, {
      roomId: roomIdOf(request),
      version: requiredText(body, 'new_version'),
      additionalCreators: listed ? requiredTexts(body, 'additional_creators', MAX_CREATORS) : [],
    })
    return json({ replacement_room: replacement })
  }
}
