import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { inviteRuleOf } from '../../moderation/invite-permission.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

/**
 * @param sender who invites.
 * @throws MatrixError 403 M_INVITE_BLOCKED where a local user takes no invites, or none of this sender (client-server
 *   API, "Invite permission"; MSC4155).
 */
export async function checkInvitesWelcome(
  { services: { interner, queries } }: RoomActions,
  sender: string,
  userId: string,
): Promise<void> {
  const userNid = await interner.findUserNid(userId)
  if (userNid === undefined) return
  const rule = await inviteRuleOf(queries, userNid)
  if (rule(sender) !== 'block') return
  throw new MatrixError(403, 'M_INVITE_BLOCKED', 'This user takes no such invites')
}

/** @throws MatrixError 403 M_FORBIDDEN where `block_non_admin_invites` leaves inviting to the administrators. */
export function checkMayInvite({ config }: RoomActions, sender: Actor): void {
  if (!config.blockNonAdminInvites || sender.admin === true) return
  throw new MatrixError(403, 'M_FORBIDDEN', 'Only administrators of this server may invite')
}
