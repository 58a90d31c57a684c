import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { historyPlaces, type Direction } from '../../storage/history/history-reader.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { HistoryPlace } from '../../storage/sync/timeline-reader.ts'
import type { Matcher } from '../sync/match-event.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { sightOf, type Sighting } from './event-sight.ts'
import { shownEvent } from './event-text.ts'
import type { RoomAccess } from './room-access.ts'
import type { Viewer } from './read-services.ts'

/** Events that are hidden or filtered out are passed over, but one page may not read a whole room. */
const MAX_ROUNDS = 6
/** Most places that one round reads. */
const MAX_TAKE = 1_000
/** Each round reads so many times more than the one before. */
const ROUND_GROWTH = 3

/** Which part of a room's history is wanted. */
export interface Stretch {
  readonly direction: Direction
  /** Right after this place. */
  readonly from: number
  /** Nothing beyond this gap; undefined for no end. */
  readonly to: number | undefined
  readonly limit: number
  readonly matches: Matcher<StoredEvent['event']>
  /** Reads the next so many places of what is wanted after a gap; all of the history when left out. */
  readonly places?: (gap: number, take: number) => Promise<readonly HistoryPlace[]>
}

/** What of it the user may see. */
export interface ReadStretch {
  readonly events: readonly StoredEvent[]
  readonly sightings: ReadonlyMap<EventNid, Sighting>
  /** The gap where reading stopped. */
  readonly cursor: number
  /** Whether the stored history ends there. */
  readonly exhausted: boolean
}

/** Reads a stretch of a room's history, in its direction, until there are enough events. */
export async function readStretch(
  services: SyncServices,
  viewer: Viewer,
  access: RoomAccess,
  stretch: Stretch,
): Promise<ReadStretch> {
  const { direction, to, limit, matches } = stretch
  const events: StoredEvent[] = []
  const sightings = new Map<EventNid, Sighting>()
  const readPlaces =
    stretch.places ??
    ((gap: number, count: number) => historyPlaces(services.queries, access.roomNid, gap, direction, count))
  const isBeyond = (place: number): boolean =>
    to !== undefined && (direction === 'b' ? place <= to : place > to)
  let cursor = stretch.from
  let take = Math.min(limit + 1, MAX_TAKE)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const places = await readPlaces(cursor, take)
    const found = await services.events.byPlaces(
      places.map(({ eventNid }) => ({ roomNid: access.roomNid, eventNid })),
    )
    const seen = await sightOf(services, services.openHistories, viewer, access.rooms, [...found.values()])
    for (const { eventNid, historyPos } of places) {
      if (isBeyond(historyPos)) return { events, sightings, cursor, exhausted: false }
      const stored = found.get(eventNid)
      const sighting = seen.get(eventNid)
      const shown = stored !== undefined && sighting?.visible === true && matches(shownEvent(stored))
      if (shown && events.length === limit) return { events, sightings, cursor, exhausted: false }
      if (shown) {
        events.push(stored)
        sightings.set(eventNid, sighting)
      }
      cursor = direction === 'b' ? historyPos - 1 : historyPos
    }
    if (places.length < take) return { events, sightings, cursor, exhausted: true }
    take = Math.min(take * ROUND_GROWTH, MAX_TAKE)
  }
  return { events, sightings, cursor, exhausted: false }
}
