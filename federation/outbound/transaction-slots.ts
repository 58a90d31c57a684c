import { atMost } from '../../homeserver/turns/at-most.ts'
import { concurrencyLimit } from '../keys/concurrency-limit.ts'

/** Transactions that are worked on at a time; signing and encrypting them is what keeps a core busy. */
export const MAX_AT_WORK = 200
/** Transactions that have no answer yet: each holds a socket and its text. */
const MAX_UNANSWERED = 2_000
/** One for each destination. */
const MAX_WAITING = 100_000
/** Longer than a server that is there takes. */
const PROMPT_MS = 1_000

/**
 * Bounds the transactions under way, those to all destinations together. One without a prompt answer gives its slot to the
 * next, so that servers which take connections and never answer do not keep others from being told.
 *
 * @returns a function that runs one transaction in its turn.
 */
export function transactionSlots(): <Result>(transaction: () => Promise<Result>) => Promise<Result> {
  const unanswered = concurrencyLimit(MAX_UNANSWERED, MAX_WAITING)
  const atWork = concurrencyLimit(MAX_AT_WORK, MAX_UNANSWERED)
  return (transaction) =>
    unanswered(async () => {
      const { answer } = await atWork(async () => {
        const answer = transaction()
        // What it fails with is for who waits for the answer.
        await atMost(PROMPT_MS, answer).catch(() => undefined)
        return { answer }
      })
      return answer
    })
}
