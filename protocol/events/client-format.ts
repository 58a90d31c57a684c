import type { JsonObject } from '../json/value.ts'
import type { RoomEvent } from './room-event.ts'

/** `sync`: without `room_id`, for lists that stand under their room. `full`: with it. */
export type ClientEventFormat = 'full' | 'sync'

/**
 * An event as clients see it (client-server API, "Room event format"): without the keys of federation, and with
 * `redacts` both at the top level and in the content, since clients of any age look in one of them (`rooms/v11.md`).
 * A create event of version 12 gets its room id back.
 *
 * @param unsigned what we know about the event; nothing of it comes from another server. Left out when absent.
 */
export function toClientEvent(
  event: RoomEvent,
  format: ClientEventFormat,
  unsigned?: JsonObject,
): JsonObject {
  const { redacts } = event
  const client: JsonObject = {
    type: event.type,
    sender: event.sender,
    content: redacts === undefined ? event.content : { ...event.content, redacts },
    event_id: event.eventId,
    origin_server_ts: event.originServerTs,
  }
  if (event.stateKey !== undefined) client['state_key'] = event.stateKey
  if (redacts !== undefined) client['redacts'] = redacts
  if (format === 'full') client['room_id'] = event.roomId
  if (unsigned !== undefined) client['unsigned'] = unsigned
  return client
}
