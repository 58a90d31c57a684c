import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { OpenRoom } from './open-room.ts'

/** A longer chain of events that have no say here is another server's making. */
const MAX_STEPS_BACK = 100

/** What an accepted event follows with no accepted event in between. */
export interface EventsBehind {
  readonly ids: ReadonlySet<string>
  /** Those of them that have no place in the room here; they may still arrive. */
  readonly unplaced: readonly string[]
}

/**
 * Walks back from an event over what counts for nothing here: events that failed, and those that are known as parts of
 * states alone. Where it ends, an extremity is one no longer: the event stands for it, and its state includes it.
 */
export async function eventsBehind(room: OpenRoom, event: RoomEvent): Promise<EventsBehind> {
  const ids = new Set(event.prevEvents)
  const heads = new Set(room.head.extremities.map(({ eventId }) => eventId))
  const unplaced: string[] = []
  let next = event.prevEvents.filter((id) => !heads.has(id))
  for (let step = 0; step < MAX_STEPS_BACK && next.length > 0; step++) {
    const known = await room.events(next)
    unplaced.push(...next.filter((id) => known.get(id)?.outlier !== false))
    const passed = next.flatMap((id) => known.get(id) ?? []).filter((stored) => !counts(stored))
    const reached = new Set(passed.flatMap((stored) => stored.event.prevEvents).filter((id) => !ids.has(id)))
    for (const id of reached) ids.add(id)
    next = [...reached].filter((id) => !heads.has(id))
  }
  return { ids, unplaced }
}

function counts({ verdict, outlier }: StoredEvent): boolean {
  return verdict === 'accepted' && !outlier
}
