import type { RoomEvent } from '../events/room-event.ts'

/** What state resolution reads of the room. What it asked for is at hand; nothing here waits. */
export interface EventSource {
  /** The event, or undefined where there is none: then it takes no part, whichever way it was reached. */
  event(eventId: string): RoomEvent | undefined
  /**
   * Whether an event was rejected. A rejected event is not used to authorise another, but may itself pass here
   * (rooms/fragments/v2-state-res.md, "Rejected events").
   */
  isRejected(eventId: string): boolean
  /**
   * The length of the longest path of auth edges from an event that is at hand, counted here and not told by anybody: an
   * event is higher than all that it cites. Undefined where it was not counted, because some of the chain is not here.
   */
  authHeight(eventId: string): number | undefined
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
