import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import type { HistoryPlace, TimelineRange } from '../../storage/sync/timeline-reader.ts'
import type { ReadServices } from '../history/read-services.ts'
import type { ChangeSource } from './change-source.ts'
import { REJUDGED_EVENTS } from '../../storage/partial-joins/rejudged-events.ts'

/** Twenty places each of ten thousand rooms; about 60 bytes a place. */
const MAX_PLACES = 200_000

interface Newest {
  readonly places: readonly HistoryPlace[]
  /** How many were asked for: fewer places are the whole history. */
  readonly limit: number
  /** The places are right for this end of the stream and every later one. */
  readonly upTo: StreamPosition
}

/**
 * The ends of rooms' histories, which are the same for everybody whose timeline begins anew: in memory, given up when
 * anything is committed in the room.
 */
export class NewestPlaces {
  readonly #stored: Pick<ChangeSource, 'newestPlaces'>
  readonly #rooms = new LRUCache<RoomNid, Newest>({
    maxSize: MAX_PLACES,
    sizeCalculation: ({ places }) => 1 + places.length,
  })
  /** The rooms that have changed during each load that is under way. */
  readonly #changedMeanwhile = new Set<Set<RoomNid>>()
  readonly #committer: ReadServices['committer']

  /** @param stored answers what is not at hand. */
  constructor({ committer }: Pick<ReadServices, 'committer'>, stored: Pick<ChangeSource, 'newestPlaces'>) {
    this.#committer = committer
    this.#stored = stored
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed) ?? itemOf(REJUDGED_EVENTS, committed)
      if (!write) continue
      for (const changed of this.#changedMeanwhile) changed.add(write.roomNid)
      this.#rooms.delete(write.roomNid)
    }
  }

  /** As `ChangeSource` has it; one query for all that is not at hand. */
  async of(
    ranges: readonly TimelineRange[],
    limit: number,
  ): Promise<ReadonlyMap<RoomNid, readonly HistoryPlace[]>> {
    const found = new Map<RoomNid, readonly HistoryPlace[]>()
    const unknown: TimelineRange[] = []
    for (const range of ranges) {
      const known = isEnd(range) ? this.#rooms.get(range.roomNid) : undefined
      if (known && known.limit >= limit && !isAfter(known.upTo, range.upTo)) {
        found.set(range.roomNid, known.limit === limit ? known.places : known.places.slice(0, limit))
      } else unknown.push(range)
    }
    if (unknown.length === 0) return found
    const loaded = await this.#load(unknown, limit)
    for (const [roomNid, places] of loaded) found.set(roomNid, places)
    return found
  }

  async #load(
    ranges: readonly TimelineRange[],
    limit: number,
  ): Promise<ReadonlyMap<RoomNid, readonly HistoryPlace[]>> {
    const { head } = this.#committer
    const changed = new Set<RoomNid>()
    this.#changedMeanwhile.add(changed)
    try {
      const loaded = await this.#stored.newestPlaces(ranges, limit)
      for (const range of ranges) {
        const { roomNid, upTo } = range
        // A stay that has ended, or an answer that began before newer commits, does not reach the end.
        if (!isEnd(range) || isAfter(head, upTo) || changed.has(roomNid)) continue
        if ((this.#rooms.peek(roomNid)?.limit ?? 0) >= limit) continue
        this.#rooms.set(roomNid, { places: loaded.get(roomNid) ?? [], limit, upTo })
      }
      return loaded
    } finally {
      this.#changedMeanwhile.delete(changed)
    }
  }
}

function isEnd({ after, beforeHistory }: TimelineRange): boolean {
  return after === undefined && beforeHistory === undefined
}
