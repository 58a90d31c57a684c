import { sha256 } from '../../protocol/crypto/sha256.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { EventWrite } from '../../storage/events/event-write.ts'

/** An event id of at most this many bytes; anything longer names no event (appendices, "Event IDs"). */
const MAX_EVENT_ID_BYTES = 255
/** As event types, which relation types are named like; indexes hold them. */
const MAX_REL_TYPE_BYTES = 255

/** The relation of an event to another, as it is stored. */
export type Relation = NonNullable<EventWrite['relation']>

/** The relation that an event declares in `m.relates_to` (client-server API, "Forming relationships between events"). */
export function relationOf(event: {
  readonly content: JsonObject
  readonly stateKey?: string | undefined
}): Relation | undefined {
  const relates = ownValue(event.content, 'm.relates_to')
  if (event.stateKey !== undefined || !isJsonObject(relates)) return undefined
  const parentEventId = ownValue(relates, 'event_id')
  const relType = ownValue(relates, 'rel_type')
  if (typeof parentEventId !== 'string' || typeof relType !== 'string') return undefined
  if (Buffer.byteLength(parentEventId) > MAX_EVENT_ID_BYTES || parentEventId.includes('\0')) return undefined
  if (Buffer.byteLength(relType) > MAX_REL_TYPE_BYTES) return undefined
  const key = relType === 'm.annotation' ? ownValue(relates, 'key') : undefined
  return { parentEventId, relType, keyHash: typeof key === 'string' ? Buffer.from(sha256(key)) : undefined }
}
