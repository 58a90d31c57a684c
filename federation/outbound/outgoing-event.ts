import type { JsonObject } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'

/** An event on its way to other servers; one object for all of them. */
export interface OutgoingEvent {
  readonly roomNid: RoomNid
  readonly eventId: string
  readonly pdu: JsonObject
  readonly position: StreamPosition
  /** A position before it, with no other outgoing event between the two. */
  readonly previous: StreamPosition
}
