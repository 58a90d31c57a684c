/** A job whose time comes soon. */
export interface PlannedJob {
  readonly jobNid: number
  readonly kind: string
  /** Another one after each change and each attempt: one that is planned twice is handed out once. */
  readonly planId: string
  /** Milliseconds until it is due. */
  readonly waitMs: number
}

/** How many jobs of a kind this process does at the same time. */
export interface KindCapacity {
  readonly kind: string
  readonly concurrency: number
}

/**
 * Hands jobs out over several processes, each to one that has room for it. The rows stay the truth: it carries times
 * and numbers alone, may forget them at any time, and hands out in vain what is done already.
 */
export interface JobSpreader {
  /** Whether it works now. */
  readonly isReady: boolean
  /**
   * Begins to take.
   *
   * @param take does a job, if it is due; resolves afterwards.
   * @param onChange told when `isReady` changes.
   */
  start(
    kinds: readonly KindCapacity[],
    take: (kind: string, jobNid: number) => Promise<void>,
    onChange: () => void,
  ): void
  /** Has jobs handed out at their times. @throws when it does not work. */
  plan(jobs: readonly PlannedJob[]): Promise<void>
  /** Takes no more. What is under way ends by itself. */
  stop(): Promise<void>
}
