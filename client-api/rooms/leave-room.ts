import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { forgetRoom } from '../../homeserver/rooms/actions/forget-room.ts'
import { leaveRoom } from '../../homeserver/rooms/actions/leave-room.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'

/** `POST /rooms/{roomId}/leave`. */
export function postLeave({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const reason = optionalText(await request.optionalObject(), 'reason')
    await leaveRoom(rooms, session, { roomId: roomIdOf(request), reason })
    return nothing()
  }
}

/** `POST /rooms/{roomId}/forget`. */
export function postForget({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    await forgetRoom(rooms, session, roomIdOf(request))
    return nothing()
  }
}
