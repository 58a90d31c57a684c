import { setTimeout as sleep } from 'node:timers/promises'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import {
  addDestinations,
  advanceDestination,
  destinationPosition,
  destinationsWaiting,
  joinedRoomsByUser,
  outgoingChanges,
  type OutgoingChange,
} from '../../storage/e2ee/device-list-outbox.ts'
import { deviceListChangeOf } from '../../storage/e2ee/device-list-write.ts'
import { introductionOf } from '../../storage/e2ee/introduction-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import type { Committer } from '../../storage/position/committer.ts'
import { streamPosition, type StreamPosition } from '../../storage/position/position.ts'
import type { UserInRoom } from '../../storage/rooms/users-in-rooms.ts'
import { readCursor, saveCursor } from '../../storage/position/stream-cursor.ts'
import { deviceListEdus, type DeviceEduServices } from './device-list-edu.ts'
import { introduce, serversMet } from './introductions.ts'

/** What the outbox is built on. */
export interface OutboxServices extends DeviceEduServices {
  readonly serverName: string
  readonly committer: Committer
  /** The other servers with anybody in each of some rooms. */
  serversOfRooms(roomNids: Iterable<RoomNid>): Promise<ReadonlyMap<RoomNid, ReadonlySet<string>>>
  /** A server has something to be told. */
  wake(serverName: string): void
  readonly onError: (error: unknown) => void
}

/** What of an entry of the log decides who is told. */
type Noted = Pick<OutgoingChange, 'userNid' | 'metIn' | 'position'>

const CURSOR = 'device-list-outbox'
/** Changes that share a look at who is to be told, and that are looked at for one server at once. */
const PAGE = 500
/** After the database could not be read. */
const RETRY_MS = 1_000

/**
 * Tells other servers of changes of our users' devices. A server that has something to be told has one row, which says
 * after which position; what that is comes out of the log and of who shares a room with whom when it is sent. So
 * a server that was away, or a restart of ours, misses nothing.
 */
export class DeviceListOutbox {
  readonly #services: OutboxServices
  #waiting: Noted[] = []
  #spreading: Promise<void> | undefined
  #stopped = false

  constructor(services: OutboxServices) {
    this.#services = services
  }

  /** Takes up what was left by the last run, and follows the stream. After the start of sending. */
  async start(): Promise<void> {
    const { queries, committer, interner, wake } = this.#services
    // What commits from here on waits until the past has been gone through: the cursor never leaves a hole.
    const { head } = committer
    const past = this.#spreadPast(head)
    this.#spreading = past
    committer.onCommit((writes) => this.#absorb(writes))
    await past
    this.#spreading = undefined
    this.#spreadWaiting()
    const names = await interner.serverNames(await destinationsWaiting(queries))
    for (const name of names.values()) wake(name)
  }

  /** Ends after what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#spreading
  }

  /** Users of ours have come into rooms: servers there that know no device of theirs are told. */
  introduce(arrivals: readonly UserInRoom[]): Promise<void> {
    return introduce(this.#services, arrivals)
  }

  /** The next EDUs for a server; the same again until they are delivered. */
  async next(server: string, limit: number): Promise<{ edus: JsonObject[]; delivered(): Promise<void> }> {
    const { queries, interner, serverName } = this.#services
    const serverNid = await interner.serverNid(server)
    const own = await interner.serverNid(serverName)
    let after = await destinationPosition(queries, serverNid)
    const nothing = { edus: [], delivered: async () => undefined }
    while (after !== undefined) {
      const page = await outgoingChanges(queries, own, after, PAGE)
      const forServer = await this.#sharedWith(server, page)
      const told = forServer.slice(0, limit)
      const isWhole = told.length === forServer.length
      const last: StreamPosition = (isWhole ? page : told).at(-1)?.position ?? after
      // Rounded down: together they may not be more than the limit.
      const introduced = Math.floor(limit / Math.max(1, told.length))
      const edus = await deviceListEdus(this.#services, told, introduced)
      if (edus.length > 0) {
        return { edus, delivered: () => advanceDestination(queries, serverNid, last) }
      }
      await advanceDestination(queries, serverNid, last)
      after = page.length === PAGE || !isWhole ? last : undefined
    }
    return nothing
  }

  /** Tells servers of what has changed after a position, who were not known to share rooms with our users then. */
  async tellSince(servers: readonly string[], after: StreamPosition): Promise<void> {
    const { queries, interner, wake } = this.#services
    const nids = await interner.serverNids(servers)
    await addDestinations(queries, new Map(Array.from(nids.values(), (nid) => [nid, after])))
    for (const server of servers) wake(server)
  }

  async #sharedWith(server: string, changes: readonly OutgoingChange[]): Promise<OutgoingChange[]> {
    const servers = await this.#serversOf(changes)
    return changes.filter((change) => servers.get(change)?.has(server) === true)
  }

  /** Who has to be told of each. */
  async #serversOf<Entry extends Noted>(entries: readonly Entry[]): Promise<Map<Entry, ReadonlySet<string>>> {
    const changed = entries.filter(({ metIn }) => metIn === null)
    const ofUsers = await this.#serversOfUsers(new Set(changed.map(({ userNid }) => userNid)))
    const arrived = entries.flatMap((entry) =>
      entry.metIn === null ? [] : [{ entry, userNid: entry.userNid, roomNid: entry.metIn }],
    )
    const met = await serversMet(this.#services, arrived)
    const servers = new Map<Entry, ReadonlySet<string>>()
    for (const entry of changed) servers.set(entry, ofUsers.get(entry.userNid) ?? new Set())
    arrived.forEach(({ entry }, index) => servers.set(entry, met[index]!))
    return servers
  }

  async #serversOfUsers(userNids: ReadonlySet<UserNid>): Promise<Map<UserNid, ReadonlySet<string>>> {
    const rooms = await joinedRoomsByUser(this.#services.queries, [...userNids])
    const servers = await this.#services.serversOfRooms(new Set([...rooms.values()].flat()))
    const ofUsers = new Map<UserNid, ReadonlySet<string>>()
    for (const [userNid, roomNids] of rooms) {
      const all = new Set<string>()
      for (const roomNid of roomNids) for (const server of servers.get(roomNid) ?? []) all.add(server)
      ofUsers.set(userNid, all)
    }
    return ofUsers
  }

  #absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const change = deviceListChangeOf(committed)
      if (change && change.viewerNid === undefined)
        this.#waiting.push({ userNid: change.userNid, metIn: null, position: committed.position })
      const met = introductionOf(committed)
      if (met) this.#waiting.push({ userNid: met.userNid, metIn: met.roomNid, position: committed.position })
    }
    this.#spreadWaiting()
  }

  #spreadWaiting(): void {
    if (this.#waiting.length > 0) this.#spreading ??= this.#drain()
  }

  async #spreadPast(head: StreamPosition): Promise<void> {
    const { queries, interner, serverName } = this.#services
    const stored = await readCursor(queries, CURSOR)
    // Nobody has been told of anything by a server that has just been set up.
    if (stored === 0) return saveCursor(queries, CURSOR, Math.max(head, 1))
    const own = await interner.serverNid(serverName)
    let after = streamPosition(stored)
    for (let isFull = true; isFull;) {
      const missed = await outgoingChanges(queries, own, after, PAGE)
      await this.#spread(missed)
      after = missed.at(-1)?.position ?? after
      isFull = missed.length === PAGE
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) {
      const batch = this.#waiting.slice(0, PAGE)
      try {
        const userIds = await this.#services.interner.userIds(batch.map(({ userNid }) => userNid))
        await this.#spread(
          batch.filter(({ userNid }) => serverOf(userIds.get(userNid) ?? '') === this.#services.serverName),
        )
        this.#waiting.splice(0, batch.length)
      } catch (error) {
        this.#services.onError(error)
        if (!this.#stopped) await sleep(RETRY_MS)
      }
    }
    this.#spreading = undefined
  }

  /** Notes the servers of changes, then how far the log has been gone through, and wakes them. */
  async #spread(changes: readonly Noted[]): Promise<void> {
    const last = changes.at(-1)
    if (!last) return
    const { queries, interner, wake } = this.#services
    const servers = await this.#serversOf(changes)
    const first = new Map<string, StreamPosition>()
    for (const change of changes) {
      for (const server of servers.get(change) ?? []) {
        if (!first.has(server)) first.set(server, streamPosition(change.position - 1))
      }
    }
    const nids = await interner.serverNids(first.keys())
    const destinations = new Map(Array.from(first, ([server, position]) => [nids.get(server)!, position]))
    await addDestinations(queries, destinations)
    await saveCursor(queries, CURSOR, last.position)
    for (const server of first.keys()) wake(server)
  }
}
