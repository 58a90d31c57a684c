import { redactPdu } from '../../protocol/events/redact.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { eventsToSpread, newestEvents } from '../../storage/federation/outbound-events.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import type { Backlog, Span } from './backlog.ts'

/**
 * Events of one room that a destination is sent one after the other. Whoever missed more gets the newest ones, from
 * which its own server finds the rest when somebody reads it.
 */
const MAX_MISSED_PER_ROOM = 1_000

/** Events from a backlog. */
export interface CaughtUp {
  readonly pdus: readonly JsonObject[]
  /** The destination has them: the backlog moves on. */
  delivered(): void
}

/** Reads for destinations that were away what they have missed. */
export class CatchUp {
  readonly #queries: Queries
  readonly #events: EventStore
  readonly #interner: Interner
  readonly #serverName: string

  constructor(queries: Queries, events: EventStore, interner: Interner, serverName: string) {
    this.#queries = queries
    this.#events = events
    this.#interner = interner
    this.#serverName = serverName
  }

  /** The next `limit` events at most, each room in its order. Rooms with nothing to tell leave the backlog. */
  async next(backlog: Backlog, limit: number): Promise<CaughtUp> {
    const pdus: JsonObject[] = []
    const moves: (() => void)[] = []
    for (const [roomNid, span] of [...backlog.oldest()]) {
      if (pdus.length >= limit) break
      const page = await this.#page(roomNid, span, limit - pdus.length)
      pdus.push(...page.pdus)
      moves.push(() => backlog.advance(roomNid, span, page.upTo, page.pdus.length))
    }
    return { pdus, delivered: () => moves.forEach((move) => move()) }
  }

  async #page(roomNid: RoomNid, span: Span, limit: number) {
    const end = span.until ?? span.latest
    if (span.sent >= MAX_MISSED_PER_ROOM) {
      const newest = span.until === undefined ? await newestEvents(this.#queries, roomNid, limit) : []
      return { pdus: await this.#pdus(roomNid, newest), upTo: end }
    }
    const ownServer = await this.#interner.serverNid(this.#serverName)
    const range = { after: span.after, until: end, limit }
    const events = await eventsToSpread(this.#queries, ownServer, range, roomNid)
    const last = events.at(-1)
    return {
      pdus: await this.#pdus(
        roomNid,
        events.map(({ eventNid }) => eventNid),
      ),
      upTo: last && events.length === limit ? last.position : end,
    }
  }

  async #pdus(roomNid: RoomNid, eventNids: readonly EventNid[]): Promise<JsonObject[]> {
    const stored = await this.#events.byPlaces(eventNids.map((eventNid) => ({ roomNid, eventNid })))
    return eventNids.flatMap((nid) => {
      const event = stored.get(nid)
      return event ? [outgoingPdu(event)] : []
    })
  }
}

/** The PDU as it may be shown now: what has been redacted goes out redacted. */
export function outgoingPdu({ event, redactedBy }: StoredEvent): JsonObject {
  return redactedBy === undefined ? event.pdu : redactPdu(event.pdu, event.version)
}
