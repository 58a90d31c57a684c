import { findAuthoriser, isRestricted } from '../../../homeserver/rooms/actions/join-authorisation.ts'
import { newestState } from '../../../homeserver/rooms/actions/state-at.ts'
import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { isRoomId } from '../../../protocol/identifiers/room-id.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'

/** Rooms of one rule that are looked at; more are another server's to answer for. */
const MAX_ALLOWED_ROOMS = 100

/**
 * The local member in whose name a user of another server joins a restricted room; undefined where the user needs
 * none (server-server API, "Restricted rooms").
 *
 * @throws MatrixError 403 M_FORBIDDEN when the user meets no condition, 400 M_UNABLE_TO_AUTHORISE_JOIN when this
 *   server cannot tell, 400 M_UNABLE_TO_GRANT_JOIN when nobody here may invite.
 */
export async function restrictedJoinAuthoriser(
  context: InboundContext,
  room: OpenRoom,
  userId: string,
): Promise<string | undefined> {
  if (!(await needsAuthoriser(room, userId))) return undefined
  await checkConditions(context, room, userId)
  const authoriser = await findAuthoriser({ services: context.rooms }, room)
  if (authoriser !== undefined) return authoriser
  throw new MatrixError(400, 'M_UNABLE_TO_GRANT_JOIN', 'Nobody on this server may let others into the room')
}

/**
 * Checks that a user may join a restricted room in the name of one of our users, before that is signed.
 *
 * @throws MatrixError 403 M_FORBIDDEN, 400 M_UNABLE_TO_AUTHORISE_JOIN.
 */
export async function checkRestrictedJoin(
  context: InboundContext,
  room: OpenRoom,
  userId: string,
): Promise<void> {
  if (await needsAuthoriser(room, userId)) await checkConditions(context, room, userId)
}

async function needsAuthoriser(room: OpenRoom, userId: string): Promise<boolean> {
  const state = await newestState(room, [['m.room.join_rules'], ['m.room.member', userId]])
  const rules = state('m.room.join_rules')
  if (!rules || !isRestricted(rules)) return false
  const member = state('m.room.member', userId)
  const membership = member && membershipIn(member)
  return membership !== 'join' && membership !== 'invite' && membership !== 'ban'
}

async function checkConditions(context: InboundContext, room: OpenRoom, userId: string): Promise<void> {
  const rules = (await newestState(room, [['m.room.join_rules']]))('m.room.join_rules')
  let unknown = false
  for (const roomId of allowedRooms(rules)) {
    const allowed = await joinedRoom(context, roomId)
    if (!allowed) {
      unknown = true
      continue
    }
    const member = (await newestState(allowed, [['m.room.member', userId]]))('m.room.member', userId)
    if (member && membershipIn(member) === 'join') return
  }
  if (unknown) {
    const sentence = 'This server is not in all of the rooms whose members may join'
    throw new MatrixError(400, 'M_UNABLE_TO_AUTHORISE_JOIN', sentence)
  }
  throw new MatrixError(403, 'M_FORBIDDEN', 'The user is in none of the rooms whose members may join')
}

function allowedRooms(rules: RoomEvent | undefined): string[] {
  const allow = rules && ownValue(rules.content, 'allow')
  return (Array.isArray(allow) ? allow : []).slice(0, MAX_ALLOWED_ROOMS).flatMap((entry) => {
    if (!isJsonObject(entry) || ownValue(entry, 'type') !== 'm.room_membership') return []
    const roomId = ownValue(entry, 'room_id')
    return typeof roomId === 'string' && isRoomId(roomId) ? [roomId] : []
  })
}
