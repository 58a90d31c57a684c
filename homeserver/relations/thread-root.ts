import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { relationOf } from '../rooms/relation-of.ts'

/** The relation that makes a thread (client-server API, "Threading"). */
export const THREAD = 'm.thread'

/** The root of the thread that an event itself stands in; undefined for one that no `m.thread` relation names. */
export function threadRootOf(event: RoomEvent): string | undefined {
  const relation = relationOf(event)
  return relation?.relType === THREAD ? relation.parentEventId : undefined
}
