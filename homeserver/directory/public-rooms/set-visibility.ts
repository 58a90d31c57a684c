import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { Actor } from '../../rooms/actions/actor.ts'
import { isJoined } from '../../rooms/actions/join-room.ts'
import { powerLevelsOf } from '../../rooms/actions/power-levels-of.ts'
import type { RoomActions } from '../../rooms/actions/room-actions.ts'
import type { OpenRoom } from '../../rooms/open-room.ts'
import type { PublishedRooms } from './published-rooms.ts'

/** Whether a room is in the public directory. @throws MatrixError 404 M_NOT_FOUND for a room that is not here. */
export async function isRoomPublished(
  actions: RoomActions,
  rooms: PublishedRooms,
  roomId: string,
): Promise<boolean> {
  return rooms.isPublished((await knownRoom(actions, roomId)).head.roomNid)
}

/**
 * Puts a room into the public directory or takes it out: who may change the room's canonical alias may, and
 * administrators of the server.
 *
 * @throws MatrixError 404 M_NOT_FOUND, 403 M_FORBIDDEN.
 */
export async function setRoomPublished(
  actions: RoomActions,
  rooms: PublishedRooms,
  user: Actor & { readonly admin: boolean },
  roomId: string,
  published: boolean,
): Promise<void> {
  const room = await knownRoom(actions, roomId)
  if (!user.admin && !(await mayPublish(actions, user, room))) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'You may not change what the directory says of this room')
  }
  await (published ? rooms.publish(room.head.roomNid) : rooms.unpublish(room.head.roomNid))
}

/** Puts a room into the public directory, for who has just created it. @throws MatrixError 404 M_NOT_FOUND. */
export async function publishRoom(
  actions: RoomActions,
  rooms: PublishedRooms,
  roomId: string,
): Promise<void> {
  await rooms.publish((await knownRoom(actions, roomId)).head.roomNid)
}

async function mayPublish(actions: RoomActions, user: Actor, room: OpenRoom): Promise<boolean> {
  if (!(await isJoined(actions, user, room.head.roomId))) return false
  const levels = await powerLevelsOf(room)
  return levels.powerOf(user.userId) >= levels.levelFor('m.room.canonical_alias', true)
}

async function knownRoom({ writer }: RoomActions, roomId: string): Promise<OpenRoom> {
  const room = await writer.open(roomId)
  if (!room) throw new MatrixError(404, 'M_NOT_FOUND', 'This server does not know the room')
  return room
}
