import { readEvent } from '../../protocol/events/read-event.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'

/** A message event of nobody in particular, with `fields` changed. */
export function testEvent(fields: JsonObject): RoomEvent {
  const pdu = { type: 'm.room.message', sender: '@a:x', content: {}, ...fields }
  return readEvent(pdu, roomVersion('11')!, { eventId: '$event', roomId: '!r:x' })
}
