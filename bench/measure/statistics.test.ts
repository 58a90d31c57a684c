import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, percentile, summarise } from './statistics.ts'

const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 200 })

describe('percentile', () => {
  it('is the nearest rank', () => {
    const ascending = [15, 20, 35, 40, 50]
    expect([5, 30, 40, 50, 100].map((percent) => percentile(ascending, percent))).toEqual([
      15, 20, 20, 35, 50,
    ])
  })

  it('is one of the values, and at least its share of them do not exceed it', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (sample, percent) => {
        const ascending = sample.toSorted((a, b) => a - b)
        const found = percentile(ascending, percent)
        expect(sample).toContain(found)
        expect(sample.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
          (percent / 100) * sample.length,
        )
        expect(sample.filter((value) => value < found).length).toBeLessThan((percent / 100) * sample.length)
      }),
    )
  })

  it('refuses an empty set', () => {
    expect(() => percentile([], 50)).toThrow(RangeError)
  })
})

describe('summarise', () => {
  it('does not depend on the order of the samples and leaves them as they are', () => {
    const samples = [3, 1, 2]
    expect(summarise(samples)).toEqual({ samples: 3, mean: 2, p50: 2, p95: 3, p99: 3, max: 3 })
    expect(samples).toEqual([3, 1, 2])
  })

  it('has nothing to say of no samples', () => {
    expect(summarise([])).toBeUndefined()
  })
})

describe('median', () => {
  it('takes the middle, or the mean of the two middle values', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('refuses an empty set', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})
