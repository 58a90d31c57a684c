import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TransactionSender } from './transaction-sender.ts'
import { DestinationSender } from './destination-sender.ts'
import { eduPatienceMs } from './edu-patience.ts'

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

test('what is no event waits as long as it may, and no longer', async () => {
  const sent: number[] = []
  const nothing = { edus: [], delivered: async () => undefined }
  const destination = new DestinationSender('there.test', {
    catchUp: { next: async () => ({ pdus: [], delivered: () => undefined }) },
    retryPolicy: { minIntervalMs: 1000, multiplier: 2, maxIntervalMs: 10_000 },
    now: () => 0,
    retryAt: async () => 0,
    send: async (_destination, _pdus, edus) => void sent.push(edus.length),
    durableEdus: async () => nothing,
    onError: () => undefined,
  })
  for (const user of ['@a:here.test', '@b:here.test']) {
    destination.edus.addTyping('!room', user, true)
    destination.wakeForEdus(eduPatienceMs(1_000))
  }
  expect(eduPatienceMs(1_000)).toBeGreaterThan(1_000)
  await setImmediate()
  expect(sent).toEqual([])
  destination.edus.addTyping('!room', '@c:here.test', true)
  destination.wakeForEdus(eduPatienceMs(10))
  for (let turn = 0; turn < TURNS && sent.length === 0; turn++) await setImmediate()
  expect(sent).toEqual([3])
  await destination.stop()
})
