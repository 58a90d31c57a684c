import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { RoomNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { laterOf, type StreamPosition } from '../../storage/position/position.ts'
import { roomActivity, type RoomActivity } from '../../storage/sliding-sync/room-activity-reader.ts'
import type { ReadServices } from '../history/read-services.ts'

/** As many as rooms may be in use at the same time; about 150 bytes each. */
const MAX_ROOMS = 100_000

/** What counts as somebody doing something, for the order in which clients show rooms (MSC4186, `bump_stamp`). */
const BUMP_TYPES = [
  'm.room.create', 'm.room.message', 'm.room.encrypted', 'm.sticker', 'm.call.invite', 'm.poll.start', 'm.beacon_info',
] // prettier-ignore

interface Kept {
  last: StreamPosition | undefined
  bumped: StreamPosition | undefined
  readonly loaded: Promise<void>
}

/** When something last happened in rooms: in memory, kept by the stream. */
export class RoomActivities {
  readonly #queries: ReadServices['queries']
  readonly #bumpTypes: ReadonlySet<TypeNid>
  readonly #rooms = new LRUCache<RoomNid, Kept>({ maxSize: MAX_ROOMS, sizeCalculation: () => 1 })

  private constructor(queries: ReadServices['queries'], bumpTypes: ReadonlySet<TypeNid>) {
    this.#queries = queries
    this.#bumpTypes = bumpTypes
  }

  static async create({
    queries,
    interner,
  }: Pick<ReadServices, 'queries' | 'interner'>): Promise<RoomActivities> {
    return new RoomActivities(queries, new Set((await interner.typeNids(BUMP_TYPES)).values()))
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const kept = write?.live === true ? this.#rooms.peek(write.roomNid) : undefined
      if (!kept || write?.row.historyPos === undefined) continue
      kept.last = later(kept.last, committed.position)
      if (this.#bumpTypes.has(write.row.typeNid)) kept.bumped = later(kept.bumped, committed.position)
    }
  }

  /** The activity of rooms. Those who ask at the same time share one query. */
  async of(roomNids: readonly RoomNid[]): Promise<ReadonlyMap<RoomNid, RoomActivity>> {
    const unknown = roomNids.filter((roomNid) => !this.#rooms.has(roomNid))
    const found = unknown.length > 0 ? this.#load(unknown) : new Map<RoomNid, Kept>()
    for (const roomNid of roomNids) {
      const kept = this.#rooms.get(roomNid)
      if (kept) found.set(roomNid, kept)
    }
    await Promise.all(new Set(Array.from(found.values(), ({ loaded }) => loaded)))
    return found
  }

  #load(roomNids: readonly RoomNid[]): Map<RoomNid, Kept> {
    const loading = roomActivity(this.#queries, roomNids, [...this.#bumpTypes])
    const entered = new Map<RoomNid, Kept>()
    const loaded = loading.then((activities) => {
      for (const [roomNid, kept] of entered) {
        const activity = activities.get(roomNid)
        // A commit that came meanwhile knows better.
        kept.last = later(kept.last, activity?.last)
        kept.bumped = later(kept.bumped, activity?.bumped)
      }
    })
    loaded.catch(() => roomNids.forEach((roomNid) => this.#rooms.delete(roomNid)))
    for (const roomNid of roomNids) {
      const kept: Kept = { last: undefined, bumped: undefined, loaded }
      entered.set(roomNid, kept)
      this.#rooms.set(roomNid, kept)
    }
    return entered
  }
}

function later(a: StreamPosition | undefined, b: StreamPosition | undefined): StreamPosition | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return laterOf(a, b)
}
