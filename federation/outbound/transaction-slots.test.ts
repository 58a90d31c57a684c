import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_AT_WORK, transactionSlots } from './transaction-slots.ts'

const LONG_MS = 2_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('servers that never answer do not keep others from being told', async () => {
  const inTurn = transactionSlots()
  const silent = Array.from({ length: MAX_AT_WORK + 50 }, () => inTurn(() => new Promise<never>(() => {})))
  let isTold = false
  const told = inTurn(async () => void (isTold = true))
  await vi.advanceTimersByTimeAsync(0)
  expect(isTold).toBe(false)
  await vi.advanceTimersByTimeAsync(LONG_MS)
  await told
  expect(silent).toHaveLength(MAX_AT_WORK + 50)
})

test('no more are worked on at a time than may be', async () => {
  const inTurn = transactionSlots()
  let [atWork, most] = [0, 0]
  const all = Array.from({ length: 3 * MAX_AT_WORK }, () =>
    inTurn(async () => {
      most = Math.max(most, ++atWork)
      await new Promise((resolve) => setTimeout(resolve, 10))
      atWork--
    }),
  )
  await vi.advanceTimersByTimeAsync(LONG_MS)
  await Promise.all(all)
  expect(most).toBe(MAX_AT_WORK)
})

test('an answer that comes late, or a failure, is that of the transaction', async () => {
  const inTurn = transactionSlots()
  const late = inTurn(() => new Promise((resolve) => setTimeout(() => resolve('late'), 5_000)))
  const failed = inTurn(
    () => new Promise((_resolve, reject) => setTimeout(() => reject(new Error('lost')), 5_000)),
  )
  const both = Promise.allSettled([late, failed])
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await both).toMatchObject([
    { status: 'fulfilled', value: 'late' },
    { status: 'rejected', reason: new Error('lost') },
  ])
})
