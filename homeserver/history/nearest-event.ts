import type { Queries } from '../../storage/database.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { Direction } from '../../storage/history/history-reader.ts'
import { momentOf, nearestInTime } from '../../storage/history/nearest-in-time.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'

/** Most readers see the first one. */
const CANDIDATES_AT_ONCE = 50
/** Whoever may see none of so many events is told that there is none. */
const MAX_ROUNDS = 20

/**
 * The event of a room nearest in time, at or before (`b`) or at or after (`f`) a time, of those that a reader sees.
 *
 * @param ts milliseconds since the epoch.
 * @param visible which of some events the reader may see.
 */
export async function nearestEvent(
  { queries, events }: { readonly queries: Queries; readonly events: EventStore },
  roomNid: RoomNid,
  ts: number,
  direction: Direction,
  visible: (candidates: readonly StoredEvent[]) => Promise<readonly StoredEvent[]>,
): Promise<StoredEvent | undefined> {
  let from = momentOf(ts, direction)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const nids = await nearestInTime(queries, roomNid, from, direction, CANDIDATES_AT_ONCE)
    const found = await events.byPlaces(nids.map((eventNid) => ({ roomNid, eventNid })))
    const candidates = nids.map((nid) => found.get(nid)).filter((stored) => stored !== undefined)
    const [nearest] = await visible(candidates)
    if (nearest) return nearest
    const last = candidates.at(-1)
    if (nids.length < CANDIDATES_AT_ONCE || last?.historyPos === undefined) return undefined
    from = { ts: last.event.originServerTs, historyPos: last.historyPos }
  }
  return undefined
}
