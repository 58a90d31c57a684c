import { checkInvitesWelcome } from '../../../homeserver/rooms/actions/check-invites-welcome.ts'
import type { RoomActions } from '../../../homeserver/rooms/actions/room-actions.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { findAccount } from '../../../storage/accounts/account-reader.ts'
import type { InvitePolicy } from './invite-policy.ts'

/** Takes invites of those users who have an account here and want invites, unless the server takes none. */
export function localInvitePolicy(actions: RoomActions): InvitePolicy {
  return {
    async check({ sender, target, roomId }) {
      actions.limits.invitesPerRoom.consume(roomId)
      actions.limits.invitesPerUser.consume(target)
      const account = await findAccount(actions.services.queries, target)
      if (!account || account.deactivated) {
        throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user on this server')
      }
      if (actions.config.blockNonAdminInvites) {
        throw new MatrixError(403, 'M_FORBIDDEN', 'This server takes no invites')
      }
      await checkInvitesWelcome(actions, sender, target)
    },
  }
}
