/** A set of latencies in milliseconds, summed up. */
export interface Latency {
  samples: number
  mean: number
  p50: number
  p95: number
  p99: number
  max: number
}

/**
 * The nearest-rank percentile: the smallest value that at least `percent` percent of the values do not exceed.
 * @param ascending sorted values, at least one
 * @param percent above 0, up to 100
 */
export function percentile(ascending: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * ascending.length)
  const value = ascending[Math.max(rank, 1) - 1]
  if (value === undefined) throw new RangeError(`no percentile ${percent} of ${ascending.length} values`)
  return value
}

/** Sums up latencies in milliseconds; undefined when there are none. */
export function summarise(latencies: readonly number[]): Latency | undefined {
  if (latencies.length === 0) return undefined
  const ascending = latencies.toSorted((a, b) => a - b)
  return {
    samples: ascending.length,
    mean: ascending.reduce((sum, value) => sum + value, 0) / ascending.length,
    p50: percentile(ascending, 50),
    p95: percentile(ascending, 95),
    p99: percentile(ascending, 99),
    max: percentile(ascending, 100),
  }
}

/** The median: the mean of the two middle values when their number is even. */
export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b)
  const upper = ascending[Math.floor(ascending.length / 2)]
  const lower = ascending[Math.ceil(ascending.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('no median of no values')
  return (lower + upper) / 2
}
