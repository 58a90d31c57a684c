import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { findMembership, forgetRoom, type MembershipRow } from '../../../storage/rooms/membership-reader.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import type { Actor } from './actor.ts'
import { refuseToDecline } from './keep-notice-room.ts'
import type { RoomActions } from './room-actions.ts'
import { knownServers, serversToAsk } from './servers-to-ask.ts'
import { notInRoom, submitDraft } from './submit-draft.ts'
import { unheardLeave } from './unheard-leave.ts'

/**
 * Leaves a room, refuses an invite or takes back a knock.
 *
 * @throws MatrixError 403 for those who have no part in the room; 403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM.
 */
export async function leaveRoom(
  actions: RoomActions,
  user: Actor,
  { roomId, reason }: { readonly roomId: string; readonly reason: string | undefined },
): Promise<void> {
  const { interner, queries } = actions.services
  const roomNid = await interner.findRoomNid(roomId)
  const membership = roomNid === undefined ? undefined : await findMembership(queries, user.userNid, roomNid)
  if (roomNid === undefined || !membership) throw notInRoom()
  if (membership.membership === 'leave') return
  await refuseToDecline(actions, user, membership)
  const content: JsonObject = reason === undefined ? {} : { reason }
  if (membership.outside) {
    await leaveFromOutside(actions, user, roomId, membership, content)
  } else {
    await submitDraft(actions, roomId, {
      type: 'm.room.member',
      stateKey: user.userId,
      sender: user.userId,
      content: { ...content, membership: 'leave' },
    })
  }
  if (actions.config.forgetOnLeave) await forgetRoom(queries, user.userNid, roomNid)
}

/**
 * Ends an invite or a knock in a room that this server is not in. The user is rid of it even when no resident server
 * can be told.
 */
async function leaveFromOutside(
  actions: RoomActions,
  user: Actor,
  roomId: string,
  membership: MembershipRow,
  content: JsonObject,
): Promise<void> {
  const asked = [
    ...(await serversToAsk(actions, user, { roomId, servers: [] })),
    ...(await knownServers(actions, roomId)),
  ]
  const servers = [...new Set(asked)]
  const left = await actions.remote?.leave(roomId, user.userId, content, servers).catch((error: unknown) => {
    if (error instanceof MatrixError) return undefined
    throw error
  })
  const event = left?.event ?? unheardLeave(actions.services, roomId, user.userId, membership, content)
  await actions.services.committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid: user.userNid,
    roomNid: membership.room_nid,
    membership: 'leave',
    senderNid: user.userNid,
    eventPdu: event && Buffer.from(canonicalJson(event.pdu, { strict: false })),
    strippedState: membership.stripped_state ?? undefined,
  })
}
