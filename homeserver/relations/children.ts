import { LRUCache } from 'lru-cache'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { eventWriteOf, type EventWrite } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { bundledChildren, threadShares, type ThreadShare } from '../../storage/relations/child-reader.ts'
import { isRelated } from '../../storage/relations/relation-statements.ts'
import type { ReadServices } from '../history/read-services.ts'
import { relationOf } from '../rooms/relation-of.ts'

/** What this cache may hold; most of it are events without children. */
const MAX_BYTES = 24 * 1024 * 1024
/** An entry with its key, and what each child adds. */
const ENTRY_BYTES = 150
const CHILD_BYTES = 100

/** The children of one event that are told with it, whoever asks. */
export interface ChildSummary {
  /** Newest first by their senders' clocks. */
  readonly edits: readonly EventNid[]
  /** Oldest first. */
  readonly references: readonly EventNid[]
  /** By participant of the thread, whoever spoke last first. */
  readonly thread: readonly ThreadShare[]
}

type Loading = Promise<ReadonlyMap<string, ChildSummary>>

const NO_CHILDREN: ChildSummary = { edits: [], references: [], thread: [] }

/**
 * Which events have children, and which. Shared by all readers and kept up to date by commits, so that an event of
 * this server that was just sent costs no query.
 */
export class Children {
  readonly #services: Pick<ReadServices, 'queries' | 'events' | 'serverName'>
  readonly #known = new LRUCache<string, ChildSummary>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf })
  /** What is being read, by parent, for as long as nothing newer is committed. */
  readonly #loading = new Map<string, Loading>()

  constructor(services: Pick<ReadServices, 'queries' | 'events' | 'serverName'>) {
    this.#services = services
  }

  /** Keeps up with what is committed; the event store must have absorbed it before. */
  absorb(writes: readonly CommittedWrite[]): void {
    const events = writes.map(eventWriteOf).filter((write) => write !== undefined)
    for (const { live, row } of events) {
      // Nobody can relate to an event before its id is known; of another server's event children may be here first.
      if (live && row.stateKeyNid === undefined && serverOf(row.event.sender) === this.#services.serverName) {
        this.#known.set(row.event.eventId, NO_CHILDREN)
      }
    }
    for (const write of events) {
      if (isRelated(write)) this.#forget(write.relation.parentEventId)
      for (const redaction of write.redactions) this.#forgetParentOf(redaction)
    }
  }

  /** The children of those among `events` that have any. */
  async of(events: readonly StoredEvent[]): Promise<ReadonlyMap<EventNid, ChildSummary>> {
    const found = new Map<EventNid, ChildSummary>()
    const unknown: StoredEvent[] = []
    for (const stored of events) {
      // State events are told without their children (client-server API, "Aggregations of child events").
      if (stored.stateKeyNid !== undefined) continue
      const known = this.#known.get(stored.event.eventId)
      if (known === undefined) unknown.push(stored)
      else if (known !== NO_CHILDREN) found.set(stored.eventNid, known)
    }
    if (unknown.length === 0) return found
    const loads = this.#load(unknown)
    for (const { event, eventNid } of unknown) {
      const summary = (await loads.get(event.eventId))?.get(event.eventId) ?? NO_CHILDREN
      if (summary !== NO_CHILDREN) found.set(eventNid, summary)
    }
    return found
  }

  #load(parents: readonly StoredEvent[]): Map<string, Loading> {
    const fresh = parents.filter(({ event }) => !this.#loading.has(event.eventId))
    if (fresh.length > 0) {
      const load = this.#read(fresh)
      for (const { event } of fresh) this.#loading.set(event.eventId, load)
      const finish = (summaries?: ReadonlyMap<string, ChildSummary>): void => {
        for (const { event } of fresh) {
          if (this.#loading.get(event.eventId) !== load) continue
          this.#loading.delete(event.eventId)
          if (summaries) this.#known.set(event.eventId, summaries.get(event.eventId) ?? NO_CHILDREN)
        }
      }
      load.then(finish, () => finish())
    }
    return new Map(parents.map(({ event }) => [event.eventId, this.#loading.get(event.eventId)!]))
  }

  async #read(events: readonly StoredEvent[]): Promise<ReadonlyMap<string, ChildSummary>> {
    const { queries } = this.#services
    const parents = events.map(({ event, roomNid, senderNid, typeNid }) => ({
      eventId: event.eventId,
      roomNid,
      senderNid,
      typeNid,
    }))
    const [children, shares] = await Promise.all([
      bundledChildren(queries, parents),
      threadShares(queries, parents),
    ])
    const childrenOf = Map.groupBy(children, ({ parentEventId }) => parentEventId)
    const sharesOf = Map.groupBy(shares, ({ rootEventId }) => rootEventId)
    const summaries = new Map<string, ChildSummary>()
    for (const eventId of new Set([...childrenOf.keys(), ...sharesOf.keys()])) {
      const own = childrenOf.get(eventId) ?? []
      summaries.set(eventId, {
        edits: own.filter(({ isEdit }) => isEdit).map(({ eventNid }) => eventNid),
        references: own.filter(({ isEdit }) => !isEdit).map(({ eventNid }) => eventNid),
        thread: sharesOf.get(eventId) ?? [],
      })
    }
    return summaries
  }

  #forget(parentEventId: string): void {
    this.#known.delete(parentEventId)
    this.#loading.delete(parentEventId)
  }

  #forgetParentOf({ target }: EventWrite['redactions'][number]): void {
    const stored = this.#services.events.peek(target)
    if (stored) {
      const relation = relationOf(stored.event)
      if (relation) this.#forget(relation.parentEventId)
      return
    }
    // Whose child it was is not at hand, which is rare: the writer has just looked at the event.
    this.#known.clear()
    this.#loading.clear()
  }
}

function sizeOf({ edits, references, thread }: ChildSummary): number {
  return ENTRY_BYTES + CHILD_BYTES * (edits.length + references.length + thread.length)
}
