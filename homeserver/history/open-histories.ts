import { LRUCache } from 'lru-cache'
import { historyVisibilityIn } from '../../protocol/visibility/history-visibility.ts'
import type { EventRow } from '../../storage/events/event-write.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import { eventsOfPlace } from '../../storage/history/history-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { ReadServices } from './read-services.ts'

/** About 100 bytes each. */
const MAX_ROOMS = 100_000

/**
 * Rooms whose history has never been closed to those who join later: no event here, whatever its verdict, sets a
 * visibility other than `shared` or `world_readable`. In them a joined user sees every event.
 */
export class OpenHistories {
  readonly #services: Pick<ReadServices, 'queries' | 'interner' | 'events'>
  readonly #known = new LRUCache<RoomNid, boolean>({ maxSize: MAX_ROOMS, sizeCalculation: () => 1 })
  #absorbed = 0

  constructor(services: Pick<ReadServices, 'queries' | 'interner' | 'events'>) {
    this.#services = services
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write) continue
      const rows: readonly EventRow[] = [write.row, ...write.outliers]
      // Where causes are missing, another server told the state, and may have told of other settings with it.
      if (write.missing.added.length > 0 || rows.some(({ event }) => isSetting(event))) {
        this.#absorbed += 1
        this.#known.delete(write.roomNid)
      }
    }
  }

  /** Those of `roomNids` that have always been open. */
  async among(roomNids: Iterable<RoomNid>): Promise<Set<RoomNid>> {
    const open = new Set<RoomNid>()
    const unknown: RoomNid[] = []
    for (const roomNid of new Set(roomNids)) {
      const known = this.#known.get(roomNid)
      if (known === undefined) unknown.push(roomNid)
      else if (known) open.add(roomNid)
    }
    if (unknown.length > 0) for (const roomNid of await this.#load(unknown)) open.add(roomNid)
    return open
  }

  async #load(roomNids: readonly RoomNid[]): Promise<RoomNid[]> {
    const absorbedBefore = this.#absorbed
    const { queries, interner, events } = this.#services
    const [typeNid, stateKeyNid] = await Promise.all([
      interner.typeNid('m.room.history_visibility'),
      interner.stateKeyNid(''),
    ])
    const places = await eventsOfPlace(
      queries,
      roomNids.map((roomNid) => ({ roomNid, typeNid, stateKeyNid })),
    )
    const closed = new Set<RoomNid>()
    for (const { event, roomNid } of (await events.byPlaces(places)).values()) {
      if (!isOpen(event)) closed.add(roomNid)
    }
    const open = roomNids.filter((roomNid) => !closed.has(roomNid))
    // What was committed while this was read may not be in it.
    if (this.#absorbed === absorbedBefore) {
      for (const roomNid of roomNids) this.#known.set(roomNid, !closed.has(roomNid))
    }
    return open
  }
}

function isSetting(event: RoomEvent): boolean {
  return event.type === 'm.room.history_visibility' && event.stateKey === ''
}

function isOpen(event: RoomEvent): boolean {
  const visibility = historyVisibilityIn(event)
  return visibility === 'shared' || visibility === 'world_readable'
}
