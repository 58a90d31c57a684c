import type { RoomNid } from '../../storage/numeric-ids.ts'
import { comparePositions, laterOf, type StreamPosition } from '../../storage/position/position.ts'
import type { RoomActivity } from '../../storage/sliding-sync/room-activity-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { Viewer } from '../history/read-services.ts'
import { welcomeOf } from '../moderation/welcome-invites.ts'
import type { ConnectionState } from './sent-room.ts'
import type { SlidingServices } from './sliding-services.ts'

/** The rooms that a connection may speak of. */
export interface UserRoomList {
  /** Those that lists choose from, the one with the newest activity first. */
  readonly listed: readonly UserRoom[]
  /** These and those that the user may only subscribe to. */
  readonly visible: ReadonlyMap<RoomNid, UserRoom>
  readonly activity: ReadonlyMap<RoomNid, RoomActivity>
}

/**
 * Sorts a user's rooms (MSC4186, "Lists"): those that the user left of their own accord are listed only where the
 * client knows them, those that the user was kicked out of always, and none that the user has forgotten or was
 * never in.
 */
export async function listRooms(
  services: SlidingServices,
  viewer: Viewer,
  rooms: readonly UserRoom[],
  sent: ConnectionState,
  subscribed: ReadonlySet<RoomNid>,
): Promise<UserRoomList> {
  const { relations, interner } = services
  const isKnown = ({ roomNid }: UserRoom): boolean => sent.rooms.get(roomNid)?.events !== undefined
  const invited = rooms.filter(({ membership }) => membership === 'invite')
  const left = rooms.filter(
    (room) =>
      (room.membership === 'leave' || room.membership === 'ban') &&
      (isKnown(room) || subscribed.has(room.roomNid) || !relations.isLeftByThemselves(viewer.userNid, room)),
  )
  const related = await relations.of(viewer.userNid, [...invited, ...left])
  const inviters = await interner.userIds([...related.values()].map(({ senderNid }) => senderNid))
  const isWelcome = await welcomeOf(services, viewer.userNid)
  const remembered = left.filter(({ roomNid }) => related.get(roomNid)?.forgotten === false)
  const out = remembered.filter(
    (room) => isKnown(room) || related.get(room.roomNid)?.senderNid !== viewer.userNid,
  )
  const everJoined = await relations.everJoined(
    viewer,
    out.filter((room) => !isKnown(room)),
  )

  const inviterOf = (roomNid: RoomNid): string => {
    const relation = related.get(roomNid)
    return (relation && inviters.get(relation.senderNid)) ?? ''
  }
  const listed = [
    ...rooms.filter(({ membership }) => membership === 'join' || membership === 'knock'),
    ...invited.filter(({ roomNid }) => isWelcome(inviterOf(roomNid))),
    ...out.filter((room) => isKnown(room) || everJoined.has(room.roomNid)),
  ]
  const joined = listed.filter(({ membership }) => membership === 'join')
  const activity = await services.activities.of(joined.map(({ roomNid }) => roomNid))
  const lastOf = (room: UserRoom): StreamPosition =>
    laterOf(activity.get(room.roomNid)?.last ?? room.since, room.since)
  const sorted = listed
    .map((room) => ({ room, last: lastOf(room) }))
    .toSorted((a, b) => comparePositions(b.last, a.last) || a.room.roomNid - b.room.roomNid)
    .map(({ room }) => room)
  const visible = new Map([...remembered, ...sorted].map((room) => [room.roomNid, room]))
  return { listed: sorted, visible, activity }
}
