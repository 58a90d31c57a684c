import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'

/** Types that the default push rules notify of, for everybody alike (push module, "Predefined rules"). */
const COUNTED_TYPES = new Set([
  'm.room.message',
  'm.room.encrypted',
  'm.call.invite',
  'm.sticker',
  'm.poll.start',
  'org.matrix.msc3381.poll.start',
])

/**
 * Whether an event adds to the unread count of those who have not seen it (DESIGN §3.4). It decides as the
 * default rules do for a member who is not mentioned: notices and edits do not count.
 */
export function isCountable(event: RoomEvent): boolean {
  if (event.stateKey !== undefined || !COUNTED_TYPES.has(event.type)) return false
  if (ownValue(event.content, 'msgtype') === 'm.notice') return false
  const relation = ownValue(event.content, 'm.relates_to')
  return !(isJsonObject(relation) && ownValue(relation, 'rel_type') === 'm.replace')
}
