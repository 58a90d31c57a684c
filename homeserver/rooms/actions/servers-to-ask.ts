import { isRoomIdWithDomain } from '../../../protocol/identifiers/room-id.ts'
import { isServerName } from '../../../protocol/identifiers/server-name.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { findMembership } from '../../../storage/rooms/membership-reader.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'
import { serversOfRoom } from '../partial-state/servers-of-room.ts'

/** Each may cost a connection that times out. */
const MAX_SERVERS = 20

/**
 * Other servers to enter a room through: those that are named and the inviter's; where these are none, those that
 * this server knows of.
 */
export async function serversToAsk(
  actions: RoomActions,
  user: Actor,
  { roomId, servers }: { readonly roomId: string; readonly servers: readonly string[] },
): Promise<string[]> {
  const { interner, queries } = actions.services
  const named = new Set(servers)
  const roomNid = await interner.findRoomNid(roomId)
  const membership = roomNid === undefined ? undefined : await findMembership(queries, user.userNid, roomNid)
  if (membership?.membership === 'invite') {
    const inviter = (await interner.userIds([membership.sender_nid])).get(membership.sender_nid)
    if (inviter !== undefined) named.add(serverOf(inviter))
  }
  const others = othersAmong(actions, named)
  return others.length > 0 ? others : knownServers(actions, roomId)
}

/**
 * Other servers that were in a room when this server last heard of it, and the one in the room's id, which says who
 * made the room and not who is in it.
 */
export async function knownServers(actions: RoomActions, roomId: string): Promise<string[]> {
  const { services } = actions
  const roomNid = await services.interner.findRoomNid(roomId)
  const known = new Set(roomNid === undefined ? [] : await serversOfRoom(services, roomNid, MAX_SERVERS))
  if (isRoomIdWithDomain(roomId)) known.add(serverOf(roomId))
  return othersAmong(actions, known)
}

function othersAmong({ services: { serverName } }: RoomActions, names: Iterable<string>): string[] {
  return [...names].filter((name) => name !== serverName && isServerName(name)).slice(0, MAX_SERVERS)
}
