import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { Queries } from '../../../storage/database.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { partialJoins } from '../../../storage/partial-joins/partial-joins.ts'
import { SETTLED_STATE } from '../../../storage/partial-joins/settled-state.ts'
import { itemOf, type CommittedWrite } from '../../../storage/position/committed-write.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'

/** Clients give up after 30 to 60 seconds; an answer in time tells them to come again. */
const PATIENCE_MS = 25_000

interface PartialRoom {
  readonly servers: ReadonlySet<string>
  readonly begunPos: StreamPosition
  readonly waiting: Set<(whole: boolean) => void>
  givenUp: boolean
}

/**
 * The rooms of which this server does not know all members yet, because the servers through which it joined left
 * them out (MSC3902): in memory, from the table `partial_join` and kept by the stream.
 */
export class PartialRooms {
  readonly #partial = new Map<RoomNid, PartialRoom>()
  readonly #completed = new Map<RoomNid, StreamPosition>()

  /** Reads what is partial. It must then absorb every commit. */
  static async load(queries: Queries): Promise<PartialRooms> {
    const rooms = new PartialRooms()
    for (const { roomNid, servers, begunPos, completedPos, givenUpTs } of await partialJoins(queries)) {
      if (completedPos !== undefined) rooms.#completed.set(roomNid, completedPos)
      else rooms.#begin(roomNid, servers, begunPos, givenUpTs !== undefined)
    }
    return rooms
  }

  /** Keeps up with what is committed, before all that asks. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (write?.joining === 'whole') this.#end(write.roomNid, undefined)
      else if (write?.joining) this.#begin(write.roomNid, write.joining.servers, committed.position, false)
      const settled = itemOf(SETTLED_STATE, committed)
      if (settled?.completedTs !== undefined) this.#end(settled.roomNid, committed.position)
    }
  }

  has(roomNid: RoomNid): boolean {
    return this.#partial.has(roomNid)
  }

  /** Those that are partial. */
  list(): RoomNid[] {
    return [...this.#partial.keys()]
  }

  /** Servers that count as being in the room while its members are not known; undefined where they are. */
  serversOf(roomNid: RoomNid): ReadonlySet<string> | undefined {
    return this.#partial.get(roomNid)?.servers
  }

  /** Whether a server counts as being in any room whose members are not known. */
  hasServer(serverName: string): boolean {
    return [...this.#partial.values()].some(({ servers }) => servers.has(serverName))
  }

  /** Where in the stream the room was joined; undefined where its members are known. */
  begunAt(roomNid: RoomNid): StreamPosition | undefined {
    return this.#partial.get(roomNid)?.begunPos
  }

  /** When the members of a room that was partially joined became known. */
  completedAt(roomNid: RoomNid): StreamPosition | undefined {
    return this.#completed.get(roomNid)
  }

  /** Forgets a room in which nobody is any more. */
  forget(roomNid: RoomNid): void {
    this.#end(roomNid, undefined)
  }

  /** The search for the members was given up, or is taken up again. */
  setGivenUp(roomNid: RoomNid, givenUp: boolean): void {
    const room = this.#partial.get(roomNid)
    if (!room) return
    room.givenUp = givenUp
    if (givenUp) wake(room, false)
  }

  /**
   * Waits until the members of a room are known, for `ms` at most.
   *
   * @returns whether they are.
   */
  async whole(roomNid: RoomNid, ms: number = PATIENCE_MS): Promise<boolean> {
    const room = this.#partial.get(roomNid)
    if (!room) return true
    if (room.givenUp) return false
    return new Promise((resolve) => {
      const done = (whole: boolean): void => {
        clearTimeout(timer)
        room.waiting.delete(done)
        resolve(whole)
      }
      const timer = setTimeout(() => done(false), ms)
      room.waiting.add(done)
    })
  }

  /**
   * For requests whose answer would be wrong without all members.
   *
   * @throws MatrixError 503 when they do not become known in time.
   */
  async requireWhole(roomNid: RoomNid): Promise<void> {
    if (await this.whole(roomNid)) return
    const sentence = 'The members of this room are still being fetched from other servers; try again later'
    throw new MatrixError(503, 'M_UNKNOWN', sentence)
  }

  #begin(roomNid: RoomNid, servers: readonly string[], begunPos: StreamPosition, givenUp: boolean): void {
    const waiting = this.#partial.get(roomNid)?.waiting ?? new Set()
    this.#partial.set(roomNid, { servers: new Set(servers), begunPos, waiting, givenUp })
    this.#completed.delete(roomNid)
  }

  #end(roomNid: RoomNid, completedPos: StreamPosition | undefined): void {
    const room = this.#partial.get(roomNid)
    this.#partial.delete(roomNid)
    if (completedPos === undefined) this.#completed.delete(roomNid)
    else this.#completed.set(roomNid, completedPos)
    if (room) wake(room, true)
  }
}

function wake(room: PartialRoom, whole: boolean): void {
  for (const done of [...room.waiting]) done(whole)
}
