import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { Membership } from '../../../storage/schema/membership.ts'
import { membershipIn } from '../membership-in.ts'
import { requireKnownMember } from '../partial-state/require-known-member.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'
import { notInRoom, submitDraft } from './submit-draft.ts'

/** What one user does to another's membership. */
export interface MembershipRequest {
  readonly roomId: string
  readonly userId: string
  readonly reason: string | undefined
}

/** Puts a user out of a room. @throws MatrixError 403 where the user is not in it or the rules refuse it. */
export async function kickUser(
  actions: RoomActions,
  sender: Actor,
  request: MembershipRequest,
): Promise<void> {
  await requireMembership(
    actions,
    sender,
    request,
    ['join', 'invite', 'knock'],
    'This user is not in the room',
  )
  await setMembership(actions, sender, request, 'leave')
}

/** Puts a user out of a room for good. @throws MatrixError 403 where the rules refuse it. */
export async function banUser(
  actions: RoomActions,
  sender: Actor,
  request: MembershipRequest,
): Promise<void> {
  const room = await actions.writer.open(request.roomId)
  if (room) await requireKnownMember(actions.services, room, request.userId)
  await setMembership(actions, sender, request, 'ban')
}

/** Lets a banned user in again. @throws MatrixError 403 where the user is not banned or the rules refuse it. */
export async function unbanUser(
  actions: RoomActions,
  sender: Actor,
  request: MembershipRequest,
): Promise<void> {
  await requireMembership(actions, sender, request, ['ban'], 'This user is not banned')
  await setMembership(actions, sender, request, 'leave')
}

/** Only members are told how it stands with others. */
async function requireMembership(
  { writer, services }: RoomActions,
  sender: Actor,
  { roomId, userId }: MembershipRequest,
  memberships: readonly Membership[],
  otherwise: string,
): Promise<void> {
  const room = await writer.open(roomId)
  if (!room) throw notInRoom()
  await requireKnownMember(services, room, userId)
  const state = await newestState(room, [
    ['m.room.member', sender.userId],
    ['m.room.member', userId],
  ])
  const own = state('m.room.member', sender.userId)
  if (!own || membershipIn(own) !== 'join') throw notInRoom()
  const member = state('m.room.member', userId)
  if (member && memberships.includes(membershipIn(member))) return
  throw new MatrixError(403, 'M_FORBIDDEN', otherwise)
}

async function setMembership(
  actions: RoomActions,
  sender: Actor,
  { roomId, userId, reason }: MembershipRequest,
  membership: Membership,
): Promise<void> {
  if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a user id')
  const content: JsonObject = reason === undefined ? { membership } : { membership, reason }
  await submitDraft(actions, roomId, {
    type: 'm.room.member',
    stateKey: userId,
    sender: sender.userId,
    content,
  })
}
