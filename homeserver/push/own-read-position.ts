import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { ReadPositionChange } from '../../storage/events/event-write.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'

/** Whoever writes has read what stands before: a local sender's own event moves their read position. */
export function ownReadPosition(
  serverName: string,
  event: RoomEvent,
  senderNid: UserNid,
  historyPos: number,
  unreadOrdinal: number,
): readonly ReadPositionChange[] {
  if (serverOf(event.sender) !== serverName) return []
  return [{ userNid: senderNid, thread: '', historyPos, unreadOrdinal }]
}
