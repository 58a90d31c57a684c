import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { inviteUser } from '../../homeserver/rooms/actions/invite-user.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'

/** `POST /rooms/{roomId}/invite`. */
export function postInvite({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const body = await request.object()
    if (Object.hasOwn(body, 'medium') && !Object.hasOwn(body, 'user_id')) {
      throw new MatrixError(403, 'M_SERVER_NOT_TRUSTED', 'This server does not invite by e-mail or telephone')
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
