import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import {
  banUser,
  kickUser,
  unbanUser,
  type MembershipRequest,
} from '../../homeserver/rooms/actions/change-membership.ts'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import type { RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'

type Change = (rooms: RoomActions, sender: Actor, request: MembershipRequest) => Promise<void>

/** `POST /rooms/{roomId}/kick`. */
export const postKick = moderation(kickUser)
/** `POST /rooms/{roomId}/ban`. */
export const postBan = moderation(banUser)
/** `POST /rooms/{roomId}/unban`. */
export const postUnban = moderation(unbanUser)

function moderation(change: Change) {
  return ({ rooms }: ClientApiContext): Handler<Session> =>
    async (request, session) => {
      refuseSuspended(session)
      const body = await request.object()
      await change(rooms, session, {
        roomId: roomIdOf(request),
        userId: requiredText(body, 'user_id'),
        reason: optionalText(body, 'reason'),
      })
      return nothing()
    }
}
