import { LRUCache } from 'lru-cache'
import { ACCOUNT_DATA } from '../../storage/accounts/account-data-write.ts'
import { THREAD_SUBSCRIPTION } from '../../storage/relations/thread-subscription-write.ts'
import { eventWriteOf, type EventWrite } from '../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { SETTLED_STATE } from '../../storage/partial-joins/settled-state.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { outsideMembershipOf } from '../../storage/rooms/outside-membership.ts'
import { receiptOf } from '../../storage/rooms/receipt-write.ts'
import { userRooms } from '../../storage/sync/user-rooms-reader.ts'
import { PUSH_RULES_TYPE } from '../accounts/push-rules.ts'
import type { ReadServices } from '../history/read-services.ts'
import { UserView } from './user-view.ts'

/**
 * Users who sync at the same time, live sockets included: a view that is dropped under someone who waits is read anew
 * at once, and would drop another's. With a hundred rooms a view takes about 30 kB.
 */
const MAX_VIEWS = 20_000

interface KeptView {
  readonly view: UserView
  readonly loaded: Promise<UserView>
}

/** The views of users who sync, kept up to date by the stream, and the wake-ups of those who wait. */
export class UserViews {
  readonly #queries: ReadServices['queries']
  readonly #views: LRUCache<UserNid, KeptView>
  readonly #joined = new Map<RoomNid, Set<UserView>>()
  readonly #toWake = new Set<UserView>()

  constructor({ queries }: Pick<ReadServices, 'queries'>) {
    this.#queries = queries
    this.#views = new LRUCache({ max: MAX_VIEWS, dispose: ({ view }) => this.#close(view) })
  }

  /** A user's view, loaded when nobody of them has synced lately. */
  of(userNid: UserNid): Promise<UserView> {
    const kept = this.#views.get(userNid)
    if (kept) return kept.loaded
    const view = new UserView(userNid)
    const loaded = this.#load(view)
    this.#views.set(userNid, { view, loaded })
    loaded.catch(() => this.#views.delete(userNid))
    return loaded
  }

  /** Keeps up with what is committed, and wakes those whom it concerns. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const event = eventWriteOf(committed)
      if (event) {
        this.#absorbEvent(event, committed.position)
        continue
      }
      const settled = itemOf(SETTLED_STATE, committed)
      if (settled) {
        this.#move(settled, committed.position)
        this.wakeRoom(settled.roomNid)
      }
      const outside = outsideMembershipOf(committed)
      if (outside) {
        const view = this.#views.peek(outside.userNid)?.view
        view?.changeOutside(outside, committed.position)
        this.#wakeLater(view)
      }
      const receipt = receiptOf(committed)
      if (receipt) {
        const view = this.#views.peek(receipt.userNid)?.view
        if (receipt.read) view?.unread.markRead(receipt.roomNid, receipt.thread, receipt.read.historyPos)
        if (receipt.type === 'm.read') this.wakeRoom(receipt.roomNid)
        else this.#wakeLater(view)
      }
      const thread = itemOf(THREAD_SUBSCRIPTION, committed)
      if (thread) this.#wakeLater(this.#views.peek(thread.userNid)?.view)
      const data = itemOf(ACCOUNT_DATA, committed)
      if (data) {
        const view = this.#views.peek(data.userNid)?.view
        if (data.type === PUSH_RULES_TYPE) view?.unread.forgetAll()
        this.#wakeLater(view)
      }
    }
  }

  /** Wakes whoever waits in a room. */
  wakeRoom(roomNid: RoomNid): void {
    for (const view of this.#joined.get(roomNid) ?? []) this.#wakeLater(view)
  }

  /** Wakes a user's waiting devices. */
  wakeUser(userNid: UserNid): void {
    this.#wakeLater(this.#views.peek(userNid)?.view)
  }

  #absorbEvent(write: EventWrite, position: StreamPosition): void {
    this.#move(write, position)
    this.#count(write)
    if (write.live || write.stateChanges.length > 0) this.wakeRoom(write.roomNid)
  }

  #move(write: Pick<EventWrite, 'roomNid' | 'memberships'>, position: StreamPosition): void {
    for (const change of write.memberships) {
      const view = this.#views.peek(change.userNid)?.view
      if (!view) continue
      view.changeMembership(write.roomNid, change, position)
      view.unread.forget(write.roomNid)
      this.#index(view, write.roomNid)
      this.#wakeLater(view)
    }
  }

  #count({ roomNid, row, reach, redactions, readPositions }: EventWrite): void {
    for (const { userNid, thread, historyPos } of readPositions) {
      this.#views.peek(userNid)?.view.unread.markRead(roomNid, thread, historyPos)
    }
    const { historyPos, senderNid } = row
    const personal = new Map(reach?.personal.map((outcome) => [outcome.userNid, outcome]))
    for (const { userNid, unread } of this.#joined.get(roomNid) ?? []) {
      if (redactions.length > 0) unread.recall(roomNid)
      if (!reach || historyPos === undefined || userNid === senderNid) continue
      unread.add({ roomNid, historyPos, reach, own: personal.get(userNid) })
    }
  }

  async #load(view: UserView): Promise<UserView> {
    view.load({ rooms: await userRooms(this.#queries, view.userNid) })
    for (const roomNid of view.rooms.keys()) this.#index(view, roomNid)
    return view
  }

  #index(view: UserView, roomNid: RoomNid): void {
    const views = this.#joined.get(roomNid)
    if (view.rooms.get(roomNid)?.membership === 'join' && !view.closed) {
      if (views) views.add(view)
      else this.#joined.set(roomNid, new Set([view]))
    } else if (views?.delete(view) && views.size === 0) {
      this.#joined.delete(roomNid)
    }
  }

  #close(view: UserView): void {
    view.closed = true
    for (const roomNid of view.rooms.keys()) this.#index(view, roomNid)
    view.wake()
  }

  /** One wake for all that a turn of the event loop brings, after those who wrote have been answered. */
  #wakeLater(view: UserView | undefined): void {
    if (!view) return
    if (this.#toWake.size === 0) setImmediate(() => this.#wakeAll())
    this.#toWake.add(view)
  }

  #wakeAll(): void {
    const views = [...this.#toWake]
    this.#toWake.clear()
    for (const view of views) view.wake()
  }
}
