import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { findMembership } from '../../../storage/rooms/membership-reader.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RequestIdentity } from '../room-intent.ts'
import type { Actor } from './actor.ts'
import { checkCanonicalAlias } from './check-canonical-alias.ts'
import { checkPowerLevels } from './check-power-levels.ts'
import { inviteUser } from './invite-user.ts'
import { residentRoom } from './join-room.ts'
import { refuseToDecline } from './keep-notice-room.ts'
import type { RoomActions } from './room-actions.ts'
import { notInRoom, submitDraft } from './submit-draft.ts'

/** `PUT /rooms/{roomId}/state/{eventType}/{stateKey}`. */
export interface StateRequest {
  readonly roomId: string
  readonly type: string
  readonly stateKey: string
  readonly content: JsonObject
  /** Milliseconds since the epoch; for application services. */
  readonly originServerTs?: number | undefined
  /** Where the same request may come again and shall set it once. */
  readonly request?: RequestIdentity | undefined
}

/**
 * Sets a place of a room's state. Setting it to what it is makes no new event.
 *
 * @returns the id of the event that says so.
 * @throws MatrixError as `submitDraft`, `checkCanonicalAlias` and `checkPowerLevels`.
 */
export async function setState(actions: RoomActions, sender: Actor, request: StateRequest): Promise<string> {
  const { roomId, type, stateKey } = request
  actions.limits.message.consumeFor(sender)
  const content = type === 'm.room.member' ? withoutAuthoriser(request.content) : request.content
  if (stateKey === '') await checkContent(actions, roomId, type, content)
  if (type === 'm.room.member') {
    const membership = ownValue(content, 'membership')
    if (membership === 'invite') {
      return inviteUser(actions, sender, { roomId, userId: stateKey, content, request: request.request })
    }
    // Whoever is not in the room enters it by an event of their own, for which only a server in it knows the place.
    const room = await residentRoom(actions, roomId)
    if (!room) throw notInRoom()
    if (membership === 'leave' && stateKey === sender.userId) await mayLeave(actions, sender, room)
  }
  const draft = { type, stateKey, sender: sender.userId, content, originServerTs: request.originServerTs }
  return submitDraft(actions, roomId, draft, request.request)
}

/** Whose authority lets a user into a restricted room is found by this server, after it has checked the conditions. */
function withoutAuthoriser({ join_authorised_via_users_server: _, ...content }: JsonObject): JsonObject {
  return content
}

async function mayLeave(actions: RoomActions, user: Actor, { head }: OpenRoom): Promise<void> {
  const member = await findMembership(actions.services.queries, user.userNid, head.roomNid)
  if (member) await refuseToDecline(actions, user, member)
}

async function checkContent(
  actions: RoomActions,
  roomId: string,
  type: string,
  content: JsonObject,
): Promise<void> {
  if (type === 'm.room.canonical_alias') await checkCanonicalAlias(actions, roomId, content)
  if (type === 'm.room.power_levels') await checkPowerLevels(actions, roomId, content)
}
