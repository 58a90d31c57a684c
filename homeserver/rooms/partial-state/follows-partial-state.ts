import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { OpenRoom } from '../open-room.ts'

/** Whether the state before an event lacks members, because that before one of its causes does. */
export async function followsPartialState(room: OpenRoom, event: RoomEvent): Promise<boolean> {
  const causes = await room.events(event.prevEvents)
  return [...causes.values()].some(({ partialState }) => partialState)
}
