import { LRUCache } from 'lru-cache'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import type { CommittedWrite } from '../position/committed-write.ts'
import { EventReader } from './event-reader.ts'
import { eventWriteOf } from './event-write.ts'
import { storedFromRow, type StoredEvent } from './stored-event.ts'

/** A parsed event takes about three times its bytes, and this much besides. */
const OBJECT_OVERHEAD = 600
const PARSED_FACTOR = 3

/** Where an event stands. */
export interface EventPlace {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
}

/**
 * Committed events, cached by bytes. It holds nothing that a transaction has not committed: the room writer
 * keeps what is under way by itself.
 */
export class EventStore {
  readonly #reader: EventReader
  readonly #byNid: LRUCache<EventNid, StoredEvent>
  readonly #nidById = new Map<string, EventNid>()

  /** @param maxBytes this cache's share of the one memory budget. */
  constructor(queries: Queries, maxBytes: number) {
    this.#reader = new EventReader(queries)
    this.#byNid = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (stored) => stored.size * PARSED_FACTOR + OBJECT_OVERHEAD,
      dispose: (stored) => this.#nidById.delete(stored.event.eventId),
    })
  }

  /** Takes in an event that has just been committed or changed. */
  put(stored: StoredEvent): void {
    this.#byNid.set(stored.eventNid, stored)
    this.#nidById.set(stored.event.eventId, stored.eventNid)
  }

  /** An event that is at hand without a query. */
  peek(eventNid: EventNid): StoredEvent | undefined {
    return this.#byNid.get(eventNid)
  }

  /** The same by id. */
  peekById(eventId: string): StoredEvent | undefined {
    const nid = this.#nidById.get(eventId)
    return nid === undefined ? undefined : this.#byNid.get(nid)
  }

  /** Takes in what a commit has written; the committer's first listener, so that later ones find it here. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write) continue
      this.put({
        ...storedFromRow(write.row, write.roomNid),
        streamPos: write.live ? committed.position : undefined,
      })
      for (const { target, by } of write.redactions) {
        const stored = this.#byNid.get(target)
        if (stored && stored.redactedBy === undefined) this.put({ ...stored, redactedBy: by })
      }
    }
  }

  /**
   * Events by number that one pass looks at, thousands of them in all: what is not at hand is read and not kept, so
   * that they do not push out what others use.
   */
  async readOnce(places: readonly EventPlace[]): Promise<Map<EventNid, StoredEvent>> {
    const found = new Map<EventNid, StoredEvent>()
    const missing: EventPlace[] = []
    for (const place of places) {
      const stored = this.#byNid.peek(place.eventNid)
      if (stored) found.set(place.eventNid, stored)
      else missing.push(place)
    }
    for (const [eventNid, stored] of await this.#reader.byPlaces(missing)) found.set(eventNid, stored)
    return found
  }

  /** The events that are here, by id; outliers and rejected ones with them. */
  async byIds(eventIds: readonly string[]): Promise<Map<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>()
    const missing: string[] = []
    for (const eventId of new Set(eventIds)) {
      const stored = this.peekById(eventId)
      if (stored) found.set(eventId, stored)
      else missing.push(eventId)
    }
    for (const [eventId, stored] of await this.#reader.byIds(missing)) {
      this.put(stored)
      found.set(eventId, stored)
    }
    return found
  }

  /** One event by id. */
  async byId(eventId: string): Promise<StoredEvent | undefined> {
    return this.peekById(eventId) ?? (await this.byIds([eventId])).get(eventId)
  }

  /** Events by number, of one or many rooms. */
  async byPlaces(places: readonly EventPlace[]): Promise<Map<EventNid, StoredEvent>> {
    const found = new Map<EventNid, StoredEvent>()
    const missing: EventPlace[] = []
    for (const place of places) {
      const stored = this.#byNid.get(place.eventNid)
      if (stored) found.set(place.eventNid, stored)
      else missing.push(place)
    }
    for (const [eventNid, stored] of await this.#reader.byPlaces(missing)) {
      this.put(stored)
      found.set(eventNid, stored)
    }
    return found
  }
}
