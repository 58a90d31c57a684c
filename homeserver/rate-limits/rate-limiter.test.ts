import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { RateLimiter } from './rate-limiter.ts'

test('a bucket gives its burst, then refuses with the time to wait, then refills', () => {
  let now = 1_000
  const limiter = new RateLimiter({ perSecond: 0.5, burstCount: 2 }, () => now)
  limiter.consume('alice')
  limiter.consume('alice')
  expect(() => limiter.consume('alice')).toThrow(
    expect.objectContaining({ status: 429, errcode: 'M_LIMIT_EXCEEDED', fields: { retry_after_ms: 2000 } }),
  )
  expect(() => limiter.consume('bob')).not.toThrow()
  now += 2_000
  expect(() => limiter.consume('alice')).not.toThrow()
  expect(() => limiter.check('alice')).toThrow(MatrixError)
})

test('a look takes nothing, and a clock that goes back gives nothing', () => {
  let now = 10_000
  const limiter = new RateLimiter({ perSecond: 1, burstCount: 1 }, () => now)
  limiter.check('alice')
  limiter.check('alice')
  limiter.consume('alice')
  now = 0
  expect(() => limiter.check('alice')).toThrow(MatrixError)
})

test('what turns out larger than what is left is waited for afterwards', () => {
  let now = 0
  const limiter = new RateLimiter({ perSecond: 10, burstCount: 100 }, () => now)
  limiter.check('alice')
  limiter.charge('alice', 149)
  expect(() => limiter.check('alice')).toThrow(expect.objectContaining({ fields: { retry_after_ms: 5_000 } }))
  now += 5_000
  limiter.check('alice')
})

test('attempts at once fail no more often than one after another, and good ones take nothing', async () => {
  const limiter = new RateLimiter({ perSecond: 1, burstCount: 2 }, () => 1_000)
  let made = 0
  const attempt = (succeeds: boolean) =>
    limiter.attempt('alice', async () => {
      made++
      await setImmediate()
      return succeeds
    })
  const good = await Promise.all([attempt(true), attempt(true), attempt(true)])
  expect([good, made]).toEqual([[true, true, true], 3])
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => attempt(false)))
  expect(results.map(({ status }) => status).filter((status) => status === 'fulfilled')).toHaveLength(2)
  expect(made).toBe(5)
  const broken = new RateLimiter({ perSecond: 1, burstCount: 1 })
  const failing = broken.attempt('bob', () => Promise.reject(new Error('no database')))
  await expect(failing).rejects.toThrow('no database')
  expect(await broken.attempt('bob', () => Promise.resolve(true))).toBe(true)
})
