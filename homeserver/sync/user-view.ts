import { isAfter } from '../../storage/position/position.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { MembershipChange } from '../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { OutsideMembershipWrite } from '../../storage/rooms/outside-membership.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { UnreadTally } from '../push/unread-tally.ts'

/** What the database says of a user when the view is loaded. */
export interface LoadedView {
  readonly rooms: readonly UserRoom[]
}

/**
 * What a user's syncs need at every turn, in memory and kept by the stream: rooms and unread counts. Every change of
 * rooms may be applied twice, so that loading and commits may overlap.
 */
export class UserView {
  readonly userNid: UserNid
  readonly rooms = new Map<RoomNid, UserRoom>()
  readonly unread: UnreadTally
  /** Set once the view is no longer kept up to date; whoever waits on it takes a new one. */
  closed = false
  /** Grows whenever there may be something new for the user. */
  wakes = 0
  readonly #waiters = new Set<() => void>()

  constructor(userNid: UserNid) {
    this.userNid = userNid
    this.unread = new UnreadTally(userNid)
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
