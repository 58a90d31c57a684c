import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'

/** Causes of an event that are not here, or only as outliers where their state would be needed. */
export interface MissingCauses {
  readonly authEvents: readonly string[]
  readonly prevEvents: readonly string[]
}

/** @param coming ids of events that are about to be written before this one. */
export async function missingCauses(
  room: OpenRoom,
  event: RoomEvent,
  coming: ReadonlySet<string> = new Set(),
): Promise<MissingCauses> {
  const known = await room.events([...event.authEvents, ...event.prevEvents])
  return {
    authEvents: event.authEvents.filter((id) => !coming.has(id) && !known.has(id)),
    prevEvents: event.prevEvents.filter((id) => !coming.has(id) && known.get(id)?.stateAfter === undefined),
  }
}

/** Whether nothing is missing. */
export function isComplete({ authEvents, prevEvents }: MissingCauses): boolean {
  return authEvents.length === 0 && prevEvents.length === 0
}
