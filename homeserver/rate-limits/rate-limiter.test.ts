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
