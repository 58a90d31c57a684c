import { LRUCache } from 'lru-cache'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { roomSummaries, type RoomSummary } from '../../storage/sync/room-summary-reader.ts'
import type { ReadServices } from '../history/read-services.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** Rooms that are in use at the same time; about 300 bytes each. */
const MAX_ROOMS = 50_000

/** What syncs say of rooms as a whole, the same for every member: in memory, kept by the stream. */
export class RoomFacts {
  readonly #queries: ReadServices['queries']
  readonly #summaries = new LRUCache<RoomNid, Promise<RoomSummary | undefined>>({
    maxSize: MAX_ROOMS,
    sizeCalculation: () => 1,
  })

  constructor({ queries }: Pick<ReadServices, 'queries'>) {
    this.#queries = queries
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = stateChangeOf(committed)
      if (write && write.memberships.length > 0) this.#summaries.delete(write.roomNid)
    }
  }

  /** Counts and first members of rooms. Those who ask at the same time share one query. */
  async summaries(roomNids: readonly RoomNid[]): Promise<ReadonlyMap<RoomNid, RoomSummary>> {
    const unknown = roomNids.filter((roomNid) => !this.#summaries.has(roomNid))
    if (unknown.length > 0) {
      const loading = roomSummaries(this.#queries, unknown)
      for (const roomNid of unknown) {
        const summary = loading.then((summaries) => summaries.get(roomNid))
        this.#summaries.set(roomNid, summary)
        summary.catch(() => this.#summaries.delete(roomNid))
      }
    }
    const found = new Map<RoomNid, RoomSummary>()
    await Promise.all(
      roomNids.map(async (roomNid) => {
        const summary = await this.#summaries.get(roomNid)
        if (summary) found.set(roomNid, summary)
      }),
    )
    return found
  }
}
