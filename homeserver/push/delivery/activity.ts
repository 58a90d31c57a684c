import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import { receiptOf } from '../../../storage/rooms/receipt-write.ts'

/** Users who do something in the same few seconds. */
const MAX_USERS = 50_000
/** Whoever has just read or written something most likely still looks at the screen. */
const ACTIVE_MS = 20_000

/** Which users are at one of their devices: those who have just read or sent something. */
export class Activity {
  readonly #seen = new LRUCache<UserNid, number>({ maxSize: MAX_USERS, sizeCalculation: () => 1 })
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const receipt = receiptOf(committed)
      if (receipt?.read) this.#seen.set(receipt.userNid, this.#now())
      const event = eventWriteOf(committed)
      if (event?.transaction) this.#seen.set(event.transaction.userNid, this.#now())
    }
  }

  /** Whether a user is about. */
  isActive(userNid: UserNid): boolean {
    return (this.#seen.peek(userNid) ?? 0) > this.#now() - ACTIVE_MS
  }
}
