import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import type { SentTransactions } from '../../sync/sent-transactions.ts'
import type { RequestIdentity } from '../room-intent.ts'

/** Requests that may be repeated soon; about 300 bytes each. Older ones are found in the database. */
const MAX_REQUESTS = 50_000

interface RecentRequest {
  readonly txnId: string
  readonly answer: Promise<string>
}

/**
 * Requests with a transaction id and what they made: a repeated one gets the same answer, also while the first is
 * still under way.
 */
export class RecentRequests {
  readonly #sent: Pick<SentTransactions, 'note'>
  readonly #byKey = new LRUCache<string, RecentRequest>({ maxSize: MAX_REQUESTS, sizeCalculation: () => 1 })

  /** @param sent told the transaction ids of events, so that sync can tell the device that sent them. */
  constructor(sent: Pick<SentTransactions, 'note'>) {
    this.#sent = sent
  }

  /**
   * Does `work` unless the same request has done it.
   *
   * @returns the id of the event that the request made. A failed request may be tried again.
   */
  once(request: RequestIdentity, txnId: string, work: () => Promise<string>): Promise<string> {
    const key = keyOf(request)
    const known = this.#byKey.get(key)
    if (known) return known.answer
    const answer = work()
    this.#byKey.set(key, { txnId, answer })
    answer.catch(() => this.#byKey.delete(key))
    return answer
  }

  /** Takes in what a commit has written; called before anybody is woken by it. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write?.transaction) continue
      const { userNid, deviceId, requestHash } = write.transaction
      const request = this.#byKey.peek(keyOf({ userNid, deviceId, requestHash: requestHash.toString('hex') }))
      if (request) this.#sent.note(write.row.event.eventId, userNid, deviceId, request.txnId)
    }
  }
}

function keyOf({ userNid, deviceId, requestHash }: RequestIdentity): string {
  return `${userNid}/${requestHash}/${deviceId}`
}
