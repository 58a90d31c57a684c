import type { RoomEvent } from '../events/room-event.ts'

/** What state resolution reads of the room. The caller has loaded it; nothing here waits. */
export interface EventSource {
  /** The event, or undefined where it is not at hand: then it takes no part, whichever way it was reached. */
  event(eventId: string): RoomEvent | undefined
  /**
   * Whether an event was rejected. A rejected event is not used to authorise another, but may itself pass here
   * (rooms/fragments/v2-state-res.md, "Rejected events").
   */
  isRejected(eventId: string): boolean
}

/** The first of an event's auth events with this type and an empty state key. */
export function citedEvent(event: RoomEvent, type: string, source: EventSource): RoomEvent | undefined {
  for (const eventId of event.authEvents) {
    const cited = source.event(eventId)
    if (cited !== undefined && cited.type === type && cited.stateKey === '') return cited
  }
  return undefined
}

/**
 * The create event of the room that `event` is in: named by the room id where that is the create event's hash,
 * otherwise among its auth events.
 */
export function createEventOf(event: RoomEvent, source: EventSource): RoomEvent | undefined {
  if (event.type === 'm.room.create' && event.stateKey === '') return event
  return event.version.roomIdIsCreateHash
    ? source.event(`$${event.roomId.slice(1)}`)
    : citedEvent(event, 'm.room.create', source)
}
