import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { EventWrite } from '../../storage/events/event-write.ts'
import { eventsToRelay } from '../../storage/federation/events-to-relay.ts'
import { eventsToSpread } from '../../storage/federation/outbound-events.ts'
import { joinedServersSince } from '../../storage/federation/servers-in-room.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, STREAM_START, type StreamPosition } from '../../storage/position/position.ts'
import { outgoingPdu } from './catch-up.ts'
import { destinationsOf } from './destinations-of.ts'
import type { Destinations } from './destinations.ts'
import type { JoinedServers } from './joined-servers.ts'
import type { OutboundDependencies } from './shared-sender.ts'
import type { SettledState } from '../../storage/partial-joins/settled-state.ts'

/** Events read at a time when a start catches up with the stream. */
const EVENTS_PER_READ = 500

/** A committed write of a room: an event, or members who have become known. */
export interface Incoming {
  readonly write: EventWrite | SettledState
  readonly position: StreamPosition
}

/** An event of ours and who is to have it. */
interface Spreading {
  readonly roomNid: RoomNid
  readonly event: RoomEvent
  /** What is sent of it. */
  readonly pdu: JsonObject
  readonly position: StreamPosition
  /** The server that has it already. */
  readonly origin: string
  readonly joined: ReadonlySet<string>
}

/** Hands every event of ours, in stream order, to the senders of its destinations. */
export class Spreader {
  readonly #dependencies: OutboundDependencies
  readonly #joined: JoinedServers
  readonly #destinations: Destinations
  #position: StreamPosition = STREAM_START

  constructor(dependencies: OutboundDependencies, joined: JoinedServers, destinations: Destinations) {
    this.#dependencies = dependencies
    this.#joined = joined
    this.#destinations = destinations
  }

  /** Everything up to here has been handed on. */
  get position(): StreamPosition {
    return this.#position
  }

  /** Hands on what a commit has written. `done` is called for each write. */
  async spread(batch: readonly Incoming[], done: () => void): Promise<void> {
    const { serverName } = this.#dependencies
    const relayed = await this.#relayed(batch)
    for (const { write, position } of batch) {
      if (!('row' in write)) {
        await this.#followMemberships(write, position)
        this.#position = position
        done()
        continue
      }
      const { event } = write.row
      const origin = relayed.get(event.eventId) ?? serverName
      if (relayed.has(event.eventId) || isMadeHere(write, serverName)) {
        const joined = await this.#joined.of(write.roomNid, position)
        this.#toDestinations({ roomNid: write.roomNid, event, pdu: event.pdu, position, origin, joined })
      }
      await this.#followMemberships(write, position)
      this.#position = position
      done()
    }
  }

  /** Events of other servers that came through us. */
  #relayed(batch: readonly Incoming[]): Promise<Map<string, string>> {
    const { queries, serverName } = this.#dependencies
    const candidates = batch
      .flatMap(({ write }) => ('row' in write ? write.row : []))
      .filter(({ event, verdict }) => verdict === 'accepted' && event.type === 'm.room.member')
      .filter(({ event }) => serverOf(event.sender) !== serverName)
    return eventsToRelay(
      queries,
      candidates.map(({ event }) => event.eventId),
    )
  }

  #toDestinations({ event, joined, origin, roomNid, pdu, position }: Spreading): void {
    const outgoing = { roomNid, eventId: event.eventId, pdu, position, previous: this.#position }
    for (const server of destinationsOf(event, joined, this.#dependencies.serverName, origin)) {
      this.#destinations.to(server).add(outgoing)
    }
  }

  async #followMemberships(
    { roomNid, memberships }: Pick<EventWrite, 'roomNid' | 'memberships'>,
    position: StreamPosition,
  ): Promise<void> {
    if (memberships.length === 0) return
    if (!this.#joined.follows(roomNid) && this.#destinations.isAnyBehind(roomNid))
      await this.#joined.of(roomNid, this.#position)
    for (const server of await this.#joined.apply(roomNid, memberships)) {
      this.#destinations.known(server)?.closeRoom(roomNid, position)
    }
  }

  /**
   * Spreads what was committed after the cursor and before this start, to the servers that were in the room then:
   * those that came later may not be allowed to see it.
   */
  async spreadPast(cursor: StreamPosition, head: StreamPosition): Promise<void> {
    const { queries, interner, events, serverName } = this.#dependencies
    this.#position = cursor
    const ownServer = await interner.serverNid(serverName)
    const rooms = new Map<RoomNid, Awaited<ReturnType<typeof joinedServersSince>>>()
    for (;;) {
      const range = { after: this.#position, until: head, limit: EVENTS_PER_READ }
      const page = await eventsToSpread(queries, ownServer, range)
      const stored = await events.byPlaces(page)
      for (const { roomNid, eventNid, position } of page) {
        const found = stored.get(eventNid)
        if (!found) continue
        const origin = serverOf(found.event.sender)
        const servers = rooms.get(roomNid) ?? (await joinedServersSince(queries, roomNid))
        rooms.set(roomNid, servers)
        const joined = new Set(
          servers.filter(({ since }) => !isAfter(since, position)).map(({ serverName }) => serverName),
        )
        const { event } = found
        this.#toDestinations({ roomNid, event, pdu: outgoingPdu(found), position, origin, joined })
        this.#position = position
      }
      if (page.length < EVENTS_PER_READ) break
    }
    this.#position = head
  }
}

/** A join through another server is excepted: it was that server's to spread. */
function isMadeHere({ row, joining }: EventWrite, serverName: string): boolean {
  return row.verdict === 'accepted' && serverOf(row.event.sender) === serverName && joining === undefined
}
