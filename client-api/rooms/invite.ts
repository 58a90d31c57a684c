import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { inviteUser } from '../../homeserver/rooms/actions/invite-user.ts'
import { inviteThirdPartyId } from '../../homeserver/rooms/actions/third-party-invites/invite-third-party-id.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'
import { thirdPartyInviteIn } from './third-party-invite-in.ts'

/** `POST /rooms/{roomId}/invite`: of a user, or of whoever has an e-mail address or telephone number. */
export function postInvite({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const body = await request.object()
    if (Object.hasOwn(body, 'medium') && !Object.hasOwn(body, 'user_id')) {
      await inviteThirdPartyId(rooms, session, roomIdOf(request), thirdPartyInviteIn(body))
      return nothing()
    }
    const reason = optionalText(body, 'reason')
    await inviteUser(rooms, session, {
      roomId: roomIdOf(request),
      userId: requiredText(body, 'user_id'),
      content: reason === undefined ? {} : { reason },
    })
    return nothing()
  }
}
