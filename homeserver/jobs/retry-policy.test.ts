import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-policy.ts'

const policy = { maxAttempts: 6, firstDelayMs: 1000, maxDelayMs: 5000 }

test('the wait doubles up to the bound, then the job is given up', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(policy, attempt, 0))
  expect(waits).toEqual([1000, 2000, 4000, 5000, 5000, undefined, undefined])
})

test('chance takes off half the wait at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, random) => {
        const full = retryDelayMs(policy, attempt, 0) ?? 0
        const wait = retryDelayMs(policy, attempt, random) ?? 0
        expect(wait).toBeLessThanOrEqual(full)
        expect(wait).toBeGreaterThan(full / 2)
      },
    ),
  )
})
