import type { EventNid, RoomNid, StateKeyNid, UserNid } from '../../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../../storage/position/position.ts'
import type { UserRoom } from '../../../storage/sync/user-rooms-reader.ts'
import type { SentMember } from '../sent-members.ts'
import type { AgedEvents } from './aged-events.ts'

/** What a client is told first of a room: the same for everybody who has been in it for the whole timeline. */
export interface Opening {
  readonly roomNid: RoomNid
  /** The timeline, oldest first. */
  readonly timeline: AgedEvents
  readonly eventNids: readonly EventNid[]
  readonly senderNids: readonly UserNid[]
  readonly senderIds: ReadonlySet<string>
  /** Those of the timeline that every reader is told in a way of their own: events with children. */
  readonly personal: ReadonlySet<EventNid>
  readonly limited: boolean
  /** The place of the timeline's first event in the room's history. */
  readonly oldest: number
  readonly firstPosition: StreamPosition
  readonly lastPosition: StreamPosition
  readonly state: AgedEvents
  /** Whose membership stands in `state`. */
  readonly members: readonly SentMember[]
  readonly memberKeys: ReadonlySet<StateKeyNid>
}

/**
 * Whether an opening is what a user is to be told of a room in an answer up to `upTo`: nothing in it is newer, the user
 * has been there all the time, and ignores nobody in it.
 */
export function fits(
  { firstPosition, lastPosition, senderIds }: Opening,
  { joinedAt, outside }: UserRoom,
  upTo: StreamPosition,
  ignored: ReadonlySet<string>,
): boolean {
  return (
    !outside &&
    joinedAt !== undefined &&
    !isAfter(joinedAt, firstPosition) &&
    !isAfter(lastPosition, upTo) &&
    (ignored.size === 0 || !Array.from(senderIds).some((userId) => ignored.has(userId)))
  )
}
