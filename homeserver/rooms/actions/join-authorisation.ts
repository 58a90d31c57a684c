import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { PowerLevels } from '../../../protocol/auth-rules/power-levels.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { joinedAmong, joinedUsersOfServer } from '../../../storage/rooms/membership-reader.ts'
import type { Membership } from '../../../storage/schema/membership.ts'
import type { OpenRoom } from '../open-room.ts'
import type { Actor } from './actor.ts'
import { powerLevelsOf } from './power-levels-of.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'

/** Rooms of one rule that are looked at; more are another server's to answer for. */
const MAX_ALLOWED_ROOMS = 100
/** Local members among whom one with the power to invite is looked for. */
const MAX_CANDIDATES = 1_000

/** How a user may join: here, perhaps in the name of a member who may invite, or only through another server. */
export type JoinAuthorisation =
  { readonly kind: 'here'; readonly authoriser?: string } | { readonly kind: 'elsewhere' }

/**
 * Works out by which member's authority a user joins a restricted room (client-server API, "Restricted rooms").
 *
 * @param membership the user's present one.
 * @throws MatrixError 403 M_FORBIDDEN where the user is in none of the rooms that the rule names.
 */
export async function joinAuthorisation(
  actions: RoomActions,
  user: Actor,
  room: OpenRoom,
  membership: Membership | undefined,
): Promise<JoinAuthorisation> {
  const rules = (await newestState(room, [['m.room.join_rules']]))('m.room.join_rules')
  if (!rules || !isRestricted(rules) || membership === 'invite' || membership === 'ban') {
    return { kind: 'here' }
  }
  if (!(await isInAllowedRoom(actions, user, rules))) {
    throw new MatrixError(
      403,
      'M_FORBIDDEN',
      'You are in none of the rooms whose members may join, and are not invited',
    )
  }
  const authoriser = await findAuthoriser(actions, room)
  return authoriser === undefined ? { kind: 'elsewhere' } : { kind: 'here', authoriser }
}

/** A local member who may invite, in whose name this server lets others into a restricted room. */
export async function findAuthoriser(
  { services }: Pick<RoomActions, 'services'>,
  room: OpenRoom,
): Promise<string | undefined> {
  const { interner, queries, serverName } = services
  const levels: PowerLevels = await powerLevelsOf(room)
  const serverNid = await interner.serverNid(serverName)
  const nids = await joinedUsersOfServer(queries, room.head.roomNid, serverNid, MAX_CANDIDATES)
  const userIds = [...(await interner.userIds(nids)).values()]
  return userIds.find((userId) => levels.powerOf(userId) >= levels.level('invite'))
}

/** Whether a room's rule lets in members of other rooms. */
export function isRestricted(rules: RoomEvent): boolean {
  const rule = ownValue(rules.content, 'join_rule')
  if (rule === 'restricted') return rules.version.restrictedJoins
  return rule === 'knock_restricted' && rules.version.knockRestrictedJoins
}

/** Whether a user is joined to one of the rooms that a restricted rule names. */
export async function isInAllowedRoom(
  { services: { interner, queries } }: Pick<RoomActions, 'services'>,
  user: Pick<Actor, 'userNid'>,
  rules: RoomEvent,
): Promise<boolean> {
  const allow = ownValue(rules.content, 'allow')
  const roomIds = (Array.isArray(allow) ? allow : []).slice(0, MAX_ALLOWED_ROOMS).flatMap((entry) => {
    if (!isJsonObject(entry) || ownValue(entry, 'type') !== 'm.room_membership') return []
    const roomId = ownValue(entry, 'room_id')
    return typeof roomId === 'string' && !roomId.includes('\0') ? [roomId] : []
  })
  const rooms = await interner.findRooms(roomIds)
  return (await joinedAmong(queries, user.userNid, [...rooms.values()])).length > 0
}
