import { membershipIn } from '../../../protocol/auth-rules/membership.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { historyVisibilityIn } from '../../../protocol/visibility/history-visibility.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { currentStateAt } from '../../../storage/rooms/current-state-reader.ts'
import { findMembership, type MembershipRow } from '../../../storage/rooms/membership-reader.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { Actor } from '../actions/actor.ts'
import type { RoomServices } from '../room-services.ts'

/** Which state of a room a user may see: the current one when `root` is undefined. */
export interface RoomSight {
  readonly roomNid: RoomNid
  readonly joined: boolean
  /** The state that a former member left behind. */
  readonly root: StateRoot | undefined
}

/**
 * Decides which state of a room a user may see: members the current one, former members that at their leaving,
 * anybody that of a world readable room (client-server API, "Getting events for a room").
 *
 * @throws MatrixError 403 M_FORBIDDEN for everybody else, whether the room exists or not.
 */
export async function sightOfRoom(services: RoomServices, user: Actor, roomId: string): Promise<RoomSight> {
  const { interner, queries } = services
  const roomNid = await interner.findRoomNid(roomId)
  if (roomNid === undefined) throw hidden()
  const row = await findMembership(queries, user.userNid, roomNid)
  if (row?.membership === 'join') return { roomNid, joined: true, root: undefined }
  if (await isWorldReadable(services, roomNid)) return { roomNid, joined: false, root: undefined }
  const root = row && (await rootAtLeaving(services, user, row))
  if (root === undefined) throw hidden()
  return { roomNid, joined: false, root }
}

/** @throws MatrixError 403 M_FORBIDDEN unless the user is joined to the room. */
export async function requireJoined(services: RoomServices, user: Actor, roomId: string): Promise<RoomNid> {
  const roomNid = await services.interner.findRoomNid(roomId)
  const row = roomNid && (await findMembership(services.queries, user.userNid, roomNid))
  if (roomNid === undefined || !row || row.membership !== 'join') throw hidden()
  return roomNid
}

function hidden(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'You are not in this room')
}

async function rootAtLeaving(
  services: RoomServices,
  user: Actor,
  row: MembershipRow,
): Promise<StateRoot | undefined> {
  if (row.event_nid === null || row.outside || row.forgotten) return undefined
  if (row.membership !== 'leave' && row.membership !== 'ban') return undefined
  const leaving = (await services.events.byPlaces([{ roomNid: row.room_nid, eventNid: row.event_nid }])).get(
    row.event_nid,
  )
  if (leaving?.stateBefore === undefined || !(await wasJoined(services, user, leaving))) return undefined
  return leaving.stateAfter
}

/** Whether a leave or ban ended a stay, not an invite or a knock. */
async function wasJoined(services: RoomServices, user: Actor, leaving: StoredEvent): Promise<boolean> {
  const { interner, trie, events } = services
  const { roomNid } = leaving
  const stateKeyNid = await interner.stateKeyNid(user.userId)
  const eventNid = await trie.get(roomNid, leaving.stateBefore!, leaving.typeNid, stateKeyNid)
  const before =
    eventNid === undefined ? undefined : (await events.byPlaces([{ roomNid, eventNid }])).get(eventNid)
  return before !== undefined && membershipIn(before.event) === 'join'
}

async function isWorldReadable(services: RoomServices, roomNid: RoomNid): Promise<boolean> {
  const { interner, queries, events } = services
  const [typeNid, stateKeyNid] = await Promise.all([
    interner.typeNid('m.room.history_visibility'),
    interner.stateKeyNid(''),
  ])
  const eventNid = await currentStateAt(queries, roomNid, typeNid, stateKeyNid)
  const setting =
    eventNid === undefined ? undefined : (await events.byPlaces([{ roomNid, eventNid }])).get(eventNid)
  return historyVisibilityIn(setting?.event) === 'world_readable'
}
