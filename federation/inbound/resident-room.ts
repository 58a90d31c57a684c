import type { OpenRoom } from '../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isServerJoined } from '../../storage/rooms/membership-reader.ts'
import type { VerifiedOrigin } from './authenticate.ts'
import type { InboundContext } from './inbound-context.ts'
import { isAllowedByAcl } from './server-acl.ts'

type RoomsContext = Pick<InboundContext, 'rooms' | 'writer'>

/** A room that this server is in; undefined for others, those that it was in with them. */
export async function joinedRoom(context: RoomsContext, roomId: string): Promise<OpenRoom | undefined> {
  const room = await context.writer.open(roomId)
  if (!room || !(await hasMember(context, room, context.rooms.serverName))) return undefined
  return room
}

/**
 * A room that this server is in and whose access control list admits the caller.
 *
 * @throws MatrixError 404 M_NOT_FOUND, 403 M_FORBIDDEN.
 */
export async function residentRoom(
  context: RoomsContext,
  roomId: string,
  origin: VerifiedOrigin,
): Promise<OpenRoom> {
  const room = await joinedRoom(context, roomId)
  if (!room) throw new MatrixError(404, 'M_NOT_FOUND', 'This server is not in the room')
  await refuseByAcl(room, origin)
  return room
}

/**
 * The same of a room whose members are all known here, so that others may enter it through this server (MSC3902).
 *
 * @throws MatrixError 404 M_NOT_FOUND, 403 M_FORBIDDEN.
 */
export async function wholeRoom(
  context: RoomsContext,
  roomId: string,
  origin: VerifiedOrigin,
): Promise<OpenRoom> {
  const room = await residentRoom(context, roomId, origin)
  if (!context.rooms.partial.has(room.head.roomNid)) return room
  throw new MatrixError(404, 'M_NOT_FOUND', 'This server has not come to know the whole room yet')
}

/**
 * A room that both this server and the caller are in.
 *
 * @throws MatrixError 404 M_NOT_FOUND, 403 M_FORBIDDEN.
 */
export async function sharedRoom(
  context: RoomsContext,
  roomId: string,
  origin: VerifiedOrigin,
): Promise<OpenRoom> {
  const room = await residentRoom(context, roomId, origin)
  if (!(await hasMember(context, room, origin))) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'Your server is not in the room')
  }
  return room
}

/** @throws MatrixError 403 M_FORBIDDEN when the room's access control list shuts the server out. */
export async function refuseByAcl(room: OpenRoom, origin: VerifiedOrigin): Promise<void> {
  if (await isAllowedByAcl(room, origin)) return
  throw new MatrixError(403, 'M_FORBIDDEN', "The room's access control list shuts your server out")
}

async function hasMember({ rooms }: RoomsContext, room: OpenRoom, serverName: string): Promise<boolean> {
  // While not all members are known, the word of the server through which we joined counts.
  if (rooms.partial.serversOf(room.head.roomNid)?.has(serverName)) return true
  const serverNid = await rooms.interner.findServerNid(serverName)
  return serverNid !== undefined && (await isServerJoined(rooms.queries, room.head.roomNid, serverNid))
}
