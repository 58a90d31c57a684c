import { isRoomIdWithDomain } from '../../../protocol/identifiers/room-id.ts'
import { isServerName } from '../../../protocol/identifiers/server-name.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { findMembership, serversInRoom } from '../../../storage/rooms/membership-reader.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

/** Each may cost a connection that times out. */
const MAX_SERVERS = 20

/** Other servers that may be in a room: those that are named, the inviter's, those we knew there, the room id's own. */
export async function serversToAsk(
  { services }: RoomActions,
  user: Actor,
  { roomId, servers }: { readonly roomId: string; readonly servers: readonly string[] },
): Promise<string[]> {
  const { interner, queries, serverName } = services
  const found = new Set(servers)
  const roomNid = await interner.findRoomNid(roomId)
  if (roomNid !== undefined) {
    const membership = await findMembership(queries, user.userNid, roomNid)
    const sender = membership && (await interner.userIds([membership.sender_nid])).get(membership.sender_nid)
    if (sender !== undefined) found.add(serverOf(sender))
    for (const name of await serversInRoom(queries, roomNid, MAX_SERVERS)) found.add(name)
  }
  if (isRoomIdWithDomain(roomId)) found.add(serverOf(roomId))
  return [...found].filter((name) => name !== serverName && isServerName(name)).slice(0, MAX_SERVERS)
}
