import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { historyVisibilityIn } from '../../protocol/visibility/history-visibility.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { currentStateAt } from '../../storage/rooms/current-state-reader.ts'
import { findMembership, type MembershipRow } from '../../storage/rooms/membership-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { ReadServices, Viewer } from './read-services.ts'

/** A room whose history a user may ask for; what of it they see is decided event by event. */
export interface RoomAccess {
  readonly roomNid: RoomNid
  readonly roomId: string
  /** The user's relation to it, by room, as {@link sightOf} takes it. */
  readonly rooms: ReadonlyMap<RoomNid, UserRoom>
  /** The place in the history where the user left; undefined for who did not. */
  readonly leftAt: number | undefined
}

/**
 * Finds a room for somebody who is or was in it, or whom it lets look in.
 *
 * @throws MatrixError 403 M_FORBIDDEN for everybody else, and for rooms that are not known here.
 */
export async function accessRoom(
  services: ReadServices,
  viewer: Viewer,
  roomId: string,
): Promise<RoomAccess> {
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined) throw notIn()
  const row = await findMembership(services.queries, viewer.userNid, roomNid)
  const rooms = new Map(row && !row.outside ? [[roomNid, userRoomOf(row)]] : [])
  const isIn = row?.membership === 'join'
  const wasIn = (row?.membership === 'leave' || row?.membership === 'ban') && !row.forgotten && !row.outside
  if (!isIn && !wasIn && !(await isWorldReadable(services, roomNid))) throw notIn()
  return { roomNid, roomId, rooms, leftAt: wasIn ? await placeOf(services, row) : undefined }
}

function userRoomOf(row: MembershipRow): UserRoom {
  return {
    roomNid: row.room_nid,
    membership: row.membership,
    eventNid: row.event_nid ?? undefined,
    since: row.stream_pos,
    joinedAt: row.joined_pos ?? undefined,
    outside: row.outside,
  }
}

async function isWorldReadable(
  { queries, interner, events }: ReadServices,
  roomNid: RoomNid,
): Promise<boolean> {
  const [typeNid, stateKeyNid] = await Promise.all([
    interner.typeNid('m.room.history_visibility'),
    interner.stateKeyNid(''),
  ])
  const eventNid = await currentStateAt(queries, roomNid, typeNid, stateKeyNid)
  if (eventNid === undefined) return false
  const setting = (await events.byPlaces([{ roomNid, eventNid }])).get(eventNid)
  return historyVisibilityIn(setting?.event) === 'world_readable'
}

/** Where a world-readable room may have gone on since, nothing ends for who has left. */
async function placeOf(services: ReadServices, row: MembershipRow): Promise<number | undefined> {
  const { room_nid: roomNid, event_nid: eventNid } = row
  if (eventNid === null || (await isWorldReadable(services, roomNid))) return undefined
  return (await services.events.byPlaces([{ roomNid, eventNid }])).get(eventNid)?.historyPos
}

function notIn(): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', 'You are not a member of this room')
}
