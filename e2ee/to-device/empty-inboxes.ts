import { LRUCache } from 'lru-cache'
import { TO_DEVICE } from '../../storage/e2ee/to-device-write.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'

/** Users who sync at the same time; some hundred bytes each. */
const MAX_USERS = 50_000

/** Remembers which devices have no messages, so that most syncs ask nothing. */
export class EmptyInboxes {
  readonly #byUser = new LRUCache<UserNid, Set<string>>({ maxSize: MAX_USERS, sizeCalculation: () => 1 })

  /** Whether it is known that nothing waits for a device. */
  has(userNid: UserNid, deviceId: string): boolean {
    return this.#byUser.get(userNid)?.has(deviceId) === true
  }

  /**
   * Begins a look into an inbox.
   *
   * @returns what to call when it was empty; it does nothing if something has come meanwhile.
   */
  look(userNid: UserNid, deviceId: string): () => void {
    const known = this.#byUser.get(userNid) ?? new Set<string>()
    this.#byUser.set(userNid, known)
    return () => {
      if (this.#byUser.peek(userNid) === known) known.add(deviceId)
    }
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const write of writes) {
      for (const { userNid } of itemOf(TO_DEVICE, write)?.local ?? []) this.#byUser.delete(userNid)
    }
  }
}
