import { readEvent } from '../../../protocol/events/read-event.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'

const VERSION = roomVersion('10')!

/** A state event of a room of version 10 that nobody has signed. */
export function stateEventIn(roomId: string, type: string, content: JsonObject, stateKey = ''): RoomEvent {
  const pdu = {
    room_id: roomId,
    type,
    state_key: stateKey,
    sender: '@alice:here.test',
    content,
    origin_server_ts: 1,
    depth: 1,
    prev_events: [],
    auth_events: [],
  }
  return readEvent(pdu, VERSION, { eventId: `$${type}${stateKey}`, roomId })
}

/** A room's create event. */
export function createEventIn(roomId: string, content: JsonObject = {}): RoomEvent {
  return stateEventIn(roomId, 'm.room.create', { creator: '@alice:here.test', ...content })
}
