import { setTimeout as sleep } from 'node:timers/promises'
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
        await settledWithin(answer, PROMPT_MS)
        return { answer }
      })
      return answer
    })
}

/** Resolves when a promise has settled either way, or the time is over. */
async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController()
  const timer = sleep(ms, undefined, { signal: over.signal, ref: false })
  await Promise.allSettled([Promise.race([promise, timer])])
  over.abort()
  await Promise.allSettled([timer])
}
