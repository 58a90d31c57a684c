import { LRUCache } from 'lru-cache'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'

/** Clients match their own echo within minutes; about 250 bytes each. */
const MAX_REMEMBERED = 50_000

interface Sent {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly transactionId: string
}

const NO_TRANSACTION = 'none'

/** Which device sent which recent event by which transaction id (client-server API, `unsigned.transaction_id`). */
export class SentTransactions {
  readonly #byEvent = new LRUCache<string, Sent | typeof NO_TRANSACTION>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: () => 1,
  })

  /** To be told as soon as the event is committed, in the same turn of the event loop: nobody is woken before. */
  note(eventId: string, userNid: UserNid, deviceId: string, transactionId: string): void {
    this.#byEvent.set(eventId, { userNid, deviceId, transactionId })
  }

  /** Remembers that an event was made without a transaction id. */
  noteNone(eventId: string): void {
    this.#byEvent.set(eventId, NO_TRANSACTION)
  }

  /** Takes in what a commit has written: what users of this server made without a transaction id. */
  absorb(writes: readonly CommittedWrite[], serverName: string): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write || write.transaction) continue
      const { eventId, sender } = write.row.event
      if (serverOf(sender) === serverName) this.noteNone(eventId)
    }
  }

  /** Whether memory can tell by which transaction id an event was made, if by any. */
  knows(eventId: string): boolean {
    return this.#byEvent.has(eventId)
  }

  /** The transaction id of an event for the device that sent it; undefined for everybody else. */
  of(eventId: string, userNid: UserNid, deviceId: string): string | undefined {
    const sent = this.#byEvent.get(eventId)
    if (sent === undefined || sent === NO_TRANSACTION) return undefined
    return sent.userNid === userNid && sent.deviceId === deviceId ? sent.transactionId : undefined
  }
}
