/** Up to so many servers get typing, receipts and presence at once: what somebody does there is felt as it happens. */
const SERVERS_AT_ONCE = 50
/** Transactions a second that one room's typing, receipts and presence may cost, beyond those that carry events. */
const TRANSACTIONS_PER_SECOND = 50
/** Typing is over after half a minute, and a receipt that comes later than this seems lost. */
const MAX_PATIENCE_MS = 15_000

/**
 * How long what is no event may wait at a destination before it is worth a transaction of its own, in milliseconds.
 * Every read message would otherwise cost a room on a thousand servers a thousand requests.
 */
export function eduPatienceMs(destinations: number): number {
  if (destinations <= SERVERS_AT_ONCE) return 0
  return Math.min((destinations / TRANSACTIONS_PER_SECOND) * 1_000, MAX_PATIENCE_MS)
}
