import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isEventId } from '../../protocol/identifiers/event-id.ts'
import { MAIN_THREAD } from '../../storage/rooms/threads.ts'
import { threadRootOf } from '../relations/thread-root.ts'
import { relationOf } from '../rooms/relation-of.ts'

/** How far relations are followed (client-server API, "Marking notifications as read", recommends it). */
const MAX_HOPS = 3

/** Finds events of the room by id; undefined for what is not here. */
export type FindEvent = (eventId: string) => Promise<RoomEvent | undefined>

/** The root of the thread that an event belongs to, itself or by what it relates to; `main` where there is none. */
export async function threadOf(event: RoomEvent, find: FindEvent): Promise<string> {
  for await (const related of relatedEvents(event, find)) {
    const root = threadRootOf(related)
    if (root !== undefined) return isEventId(root) ? root : MAIN_THREAD
  }
  return MAIN_THREAD
}

/**
 * Whether a receipt of a thread may name an event: the thread's root, or what leads there by any relations. The main
 * timeline takes what belongs to no thread (receipts module).
 */
export async function isOfThread(event: RoomEvent, thread: string, find: FindEvent): Promise<boolean> {
  if (thread === MAIN_THREAD) return (await threadOf(event, find)) === MAIN_THREAD
  if (event.eventId === thread) return true
  for await (const related of relatedEvents(event, find)) {
    if (relationOf(related)?.parentEventId === thread) return true
  }
  return false
}

/** The event, what it relates to, and so on. */
async function* relatedEvents(event: RoomEvent, find: FindEvent): AsyncGenerator<RoomEvent> {
  let current: RoomEvent | undefined = event
  for (let hop = 0; current && hop < MAX_HOPS; hop++) {
    yield current
    const parentId: string | undefined = relationOf(current)?.parentEventId
    current = parentId !== undefined && isEventId(parentId) ? await find(parentId) : undefined
  }
}
