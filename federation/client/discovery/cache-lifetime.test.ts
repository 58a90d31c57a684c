import { expect, test } from 'vitest'
import {
  cacheLifetime,
  DEFAULT_LIFETIME_MS,
  errorLifetime,
  MAX_LIFETIME_MS,
  MIN_LIFETIME_MS,
} from './cache-lifetime.ts'

const NOW = Date.UTC(2026, 0, 1)

function lifetime(headers: Record<string, string>): number {
  return cacheLifetime((name) => headers[name], NOW)
}

test('a day without headers, as told with them, two days at most', () => {
  expect(lifetime({})).toBe(DEFAULT_LIFETIME_MS)
  expect(lifetime({ 'cache-control': 'public, max-age=7200' })).toBe(7_200_000)
  expect(lifetime({ 'cache-control': 'Max-Age="7200"' })).toBe(7_200_000)
  expect(lifetime({ 'cache-control': 'max-age=99999999999' })).toBe(MAX_LIFETIME_MS)
  expect(lifetime({ 'cache-control': 'max-age=banana' })).toBe(DEFAULT_LIFETIME_MS)
  expect(lifetime({ 'cache-control': 'no-store, max-age=7200' })).toBe(MIN_LIFETIME_MS)
  expect(lifetime({ expires: new Date(NOW + 7_200_000).toUTCString() })).toBe(7_200_000)
  expect(lifetime({ expires: '0' })).toBe(MIN_LIFETIME_MS)
})

test('errors are kept longer each time, an hour at most', () => {
  expect([1, 2, 3, 50].map(errorLifetime)).toEqual([60_000, 120_000, 240_000, 3_600_000])
})
