/** Collects how long operations take, in milliseconds. */
export class Stopwatch {
  readonly latencies: number[] = []
  readonly #started = performance.now()

  /** Runs an operation and records its latency; one that throws is not recorded. */
  async time<T>(operation: () => Promise<T>): Promise<T> {
    const begun = performance.now()
    const result = await operation()
    this.latencies.push(performance.now() - begun)
    return result
  }

  /** Seconds since this stopwatch was made. */
  elapsed(): number {
    return (performance.now() - this.#started) / 1000
  }
}
