import type { EventNid, RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'

/** Something durable that a service is to be told, at its place in the stream. */
export type ServiceItem =
  | {
      readonly kind: 'event'
      readonly position: StreamPosition
      readonly roomNid: RoomNid
      readonly eventNid: EventNid
      /** Whether it brings the first user of the service into the room. */
      readonly entered: boolean
    }
  /** A membership in a room that this server is not in: an invite above all. */
  | {
      readonly kind: 'outside'
      readonly position: StreamPosition
      readonly roomNid: RoomNid
      readonly userNid: UserNid
    }
