import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * Waits, while the members of a room are being fetched, until it is known how it stands with one user: an invite, a kick
 * or a ban that is built on not knowing would be refused by every other server, or name the wrong cause.
 *
 * @throws MatrixError 503 when it does not become known in time.
 */
export async function requireKnownMember(
  { partial }: Pick<RoomServices, 'partial'>,
  room: OpenRoom,
  userId: string,
): Promise<void> {
  const { roomNid, root } = room.head
  if (!partial.has(roomNid)) return
  const known = await room.stateEvents(root, [{ type: 'm.room.member', stateKey: userId }])
  if (known.size === 0) await partial.requireWhole(roomNid)
}
