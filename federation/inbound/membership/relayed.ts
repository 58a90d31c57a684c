import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { markToRelay, removeRelayMarks } from '../../../storage/federation/events-to-relay.ts'
import type { InboundContext } from '../inbound-context.ts'

/**
 * Does what writes an event of another server to its room, so that the other servers of the room get it from us.
 */
export async function relayed(
  { rooms }: InboundContext,
  { eventId }: RoomEvent,
  origin: string,
  write: () => Promise<RoomEvent>,
): Promise<void> {
  await markToRelay(rooms.queries, eventId, origin, rooms.now())
  try {
    await write()
  } catch (error) {
    await removeRelayMarks(rooms.queries, [eventId])
    throw error
  }
}
