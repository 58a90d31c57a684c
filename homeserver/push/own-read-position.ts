import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { ALL_THREADS } from '../../storage/rooms/threads.ts'

/**
 * What of a room a local user's own event shows to be read: the thread that it belongs to. A stay in a room begins
 * with all that was before it read; other events of state say nothing of reading, as a new display name in every room.
 *
 * @param before the user's membership before the event.
 */
export function readByOwnEvent(
  event: RoomEvent,
  thread: string,
  before: RoomEvent | undefined,
): string | undefined {
  if (event.stateKey === undefined) return thread
  const joins =
    event.type === 'm.room.member' && event.stateKey === event.sender && membershipIn(event) === 'join'
  return joins && (before === undefined || membershipIn(before) !== 'join') ? ALL_THREADS : undefined
}
