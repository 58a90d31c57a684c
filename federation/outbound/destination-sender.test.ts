import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TransactionSender } from './transaction-sender.ts'
import { DestinationSender } from './destination-sender.ts'

const TURNS = 100

test('while the database fails, a destination is looked at once a pause', async () => {
  let looks = 0
  const failures: unknown[] = []
  const gone = (): Promise<never> => Promise.reject(new Error('the database is gone'))
  const sender: TransactionSender = {
    catchUp: { next: gone },
    retryPolicy: { minIntervalMs: 1000, multiplier: 2, maxIntervalMs: 10_000 },
    now: () => 0,
    retryAt: () => {
      looks++
      return gone()
    },
    send: gone,
    durableEdus: gone,
    onError: (_destination, error) => failures.push(error),
  }
  const destination = new DestinationSender('away.test', sender)
  destination.wake()
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
  expect(looks).toBe(1)
  expect(failures).toHaveLength(1)
  await destination.stop()
})
