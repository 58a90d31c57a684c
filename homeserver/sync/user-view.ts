import { isAfter } from '../../storage/position/position.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { MembershipChange, ReadPositionChange } from '../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { OutsideMembershipWrite } from '../../storage/rooms/outside-membership.ts'
import type { ReadMark } from '../../storage/sync/unread-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'

/** What the database says of a user when the view is loaded. */
export interface LoadedView {
  readonly rooms: readonly UserRoom[]
  readonly readMarks: ReadonlyMap<RoomNid, ReadMark>
  readonly highlights: ReadonlyMap<RoomNid, readonly number[]>
}

/**
 * What a user's syncs need at every turn, in memory and kept by the stream: rooms, read marks and highlights. Every
 * change may be applied twice, so that loading and commits may overlap.
 */
export class UserView {
  readonly userNid: UserNid
  readonly rooms = new Map<RoomNid, UserRoom>()
  /** Set once the view is no longer kept up to date; whoever waits on it takes a new one. */
  closed = false
  /** Grows whenever there may be something new for the user. */
  wakes = 0
  readonly #readMarks = new Map<RoomNid, ReadMark>()
  readonly #highlights = new Map<RoomNid, Set<number>>()
  readonly #waiters = new Set<() => void>()

  constructor(userNid: UserNid) {
    this.userNid = userNid
  }

  /** Takes in what was loaded, where nothing newer is known. */
  load(loaded: LoadedView): void {
    for (const room of loaded.rooms) {
      const known = this.rooms.get(room.roomNid)
      // A change that was committed during the load knows the user's stay only from then on; the row knows it all.
      if (!known || !isAfter(known.since, room.since)) this.rooms.set(room.roomNid, room)
      else if (known.membership === 'join' && room.membership === 'join') {
        this.rooms.set(room.roomNid, { ...known, joinedAt: room.joinedAt })
      }
    }
    for (const [roomNid, mark] of loaded.readMarks) this.markRead(roomNid, mark)
    for (const [roomNid, places] of loaded.highlights) {
      for (const place of places) this.highlight(roomNid, place)
    }
  }

  /** The user's relation to a room changed at `position`. */
  changeMembership(roomNid: RoomNid, change: MembershipChange, position: StreamPosition): void {
    const before = this.rooms.get(roomNid)
    if (before && isAfter(before.since, position)) return
    const staying = before?.membership === 'join' ? before.joinedAt : position
    this.rooms.set(roomNid, {
      roomNid,
      membership: change.membership,
      eventNid: change.eventNid,
      since: position,
      joinedAt: change.membership === 'join' ? staying : undefined,
      outside: false,
    })
  }

  /** The same for a room that this server is not in. */
  changeOutside({ roomNid, membership }: OutsideMembershipWrite, position: StreamPosition): void {
    const before = this.rooms.get(roomNid)
    if (before && isAfter(before.since, position)) return
    this.rooms.set(roomNid, {
      roomNid,
      membership,
      eventNid: undefined,
      since: position,
      joinedAt: undefined,
      outside: true,
    })
  }

  /** The user has read a room up to a mark; marks never go back. */
  markRead(roomNid: RoomNid, mark: ReadMark | ReadPositionChange): void {
    const before = this.#readMarks.get(roomNid)
    if (before && before.historyPos >= mark.historyPos) return
    this.#readMarks.set(roomNid, { historyPos: mark.historyPos, unreadOrdinal: mark.unreadOrdinal })
    const places = this.#highlights.get(roomNid)
    for (const place of places ?? []) if (place <= mark.historyPos) places!.delete(place)
  }

  /** An event stands out for the user. */
  highlight(roomNid: RoomNid, place: number): void {
    if (place <= (this.#readMarks.get(roomNid)?.historyPos ?? 0)) return
    const places = this.#highlights.get(roomNid) ?? new Set<number>()
    this.#highlights.set(roomNid, places.add(place))
  }

  /** Unread events of a room, given how many countable ones it has had in all. */
  unread(
    roomNid: RoomNid,
    headOrdinal: number,
  ): { readonly notifications: number; readonly highlights: number } {
    const mark = this.#readMarks.get(roomNid)
    const highlights = this.#highlights.get(roomNid)?.size ?? 0
    const counted = mark ? Math.max(0, headOrdinal - mark.unreadOrdinal) : 0
    return { notifications: Math.max(counted, highlights), highlights }
  }

  /** Tells those who wait that there may be something new. */
  wake(): void {
    this.wakes += 1
    for (const waiter of [...this.#waiters]) waiter()
  }

  /** Calls `waiter` at the next wakes, until the returned function is called. */
  onWake(waiter: () => void): () => void {
    this.#waiters.add(waiter)
    return () => this.#waiters.delete(waiter)
  }

  /** Whether anybody waits on this view. */
  get isWaitedOn(): boolean {
    return this.#waiters.size > 0
  }
}
