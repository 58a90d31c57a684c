import type { placeEvent } from '../../../homeserver/rooms/build-event.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'

type PlacedFields = Awaited<ReturnType<typeof placeEvent>>['fields']

/** What an event that another server is to build would be, for judging it; it is signed by nobody. */
export function templateEvent(fields: PlacedFields, version: RoomVersionRules): RoomEvent {
  return { ...fields, eventId: '', redacts: undefined, version, pdu: {} }
}

/**
 * The template that `make_join` and its like answer with, in the form of the room's version.
 *
 * @param origin this server; old servers look for it.
 */
export function templatePdu(fields: PlacedFields, version: RoomVersionRules, origin: string): JsonObject {
  const references = (ids: readonly string[]) =>
    ids.map((id) => (version.eventReferences === 'ids' ? id : [id, {}]))
  return {
    type: fields.type,
    room_id: fields.roomId,
    sender: fields.sender,
    state_key: fields.stateKey ?? '',
    content: fields.content,
    origin,
    origin_server_ts: fields.originServerTs,
    depth: fields.depth,
    prev_events: references(fields.prevEvents),
    auth_events: references(fields.authEvents),
  }
}
