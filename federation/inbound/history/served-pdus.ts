import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { redactPdu } from '../../../protocol/events/redact.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import { erasedFor } from './erased-events.ts'
import { visibleToServer } from './server-visibility.ts'

/**
 * Events of a room as a server is given them: redacted where they are, where the server may not see them, and where
 * their sender has been erased.
 */
export async function servedPdus(
  services: RoomServices,
  room: OpenRoom,
  origin: VerifiedOrigin,
  events: readonly StoredEvent[],
): Promise<JsonObject[]> {
  const visible = await visibleToServer(services, room, origin, events)
  const erased = await erasedFor(services, room, origin, events)
  return events.map(({ event, redactedBy }) => {
    const whole = redactedBy === undefined && visible.has(event.eventId) && !erased.has(event.eventId)
    return whole ? event.pdu : redactPdu(event.pdu, event.version)
  })
}
