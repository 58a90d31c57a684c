import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'

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
  return missingAmong(await room.events([...event.authEvents, ...event.prevEvents]), event, coming)
}

/** As {@link missingCauses}, with those of the causes that are here. */
export function missingAmong(
  known: ReadonlyMap<string, StoredEvent>,
  event: RoomEvent,
  coming: ReadonlySet<string>,
): MissingCauses {
  return {
    authEvents: event.authEvents.filter((id) => !coming.has(id) && !known.has(id)),
    prevEvents: event.prevEvents.filter((id) => !coming.has(id) && known.get(id)?.stateAfter === undefined),
  }
}

/** Whether nothing is missing. */
export function isComplete({ authEvents, prevEvents }: MissingCauses): boolean {
  return authEvents.length === 0 && prevEvents.length === 0
}
