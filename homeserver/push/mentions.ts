import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'

/** A message that names more people than this names nobody in particular. */
const MAX_MENTIONED = 200

/** Whom an event mentions on purpose (mentions module). What becomes of it the push rules decide. */
export interface Mentions {
  readonly userIds: readonly string[]
  readonly room: boolean
}

const NOBODY: Mentions = { userIds: [], room: false }

/** Reads `m.mentions`. */
export function mentionsIn(event: RoomEvent): Mentions {
  const mentions = ownValue(event.content, 'm.mentions')
  if (!isJsonObject(mentions)) return NOBODY
  const listed = ownValue(mentions, 'user_ids')
  const userIds = Array.isArray(listed)
    ? [...new Set(listed.filter((id) => typeof id === 'string'))].slice(0, MAX_MENTIONED)
    : []
  return { userIds, room: ownValue(mentions, 'room') === true }
}
