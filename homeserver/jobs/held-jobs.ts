import type { Queries } from '../../storage/database.ts'
import type { LeasedJob } from '../../storage/jobs/job.ts'
import { renewLeases } from '../../storage/jobs/lease-jobs.ts'

/** Two renewals may fail before the lease ends. */
const RENEWALS_PER_LEASE = 3

/** Why the signal of a job was aborted. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

interface Held {
  readonly job: LeasedJob
  readonly controller: AbortController
  /** On this process's monotonic clock: until then the lease is surely ours. */
  sureUntil: number
}

/** The jobs that this process does now. Their leases are renewed while they run; one that is lost aborts its job. */
export class HeldJobs {
  readonly #queries: Queries
  readonly #leaseMs: number
  readonly #onError: (error: unknown) => void
  readonly #held = new Map<string, Held>()
  #timer: NodeJS.Timeout | undefined

  constructor(queries: Queries, leaseMs: number, onError: (error: unknown) => void) {
    this.#queries = queries
    this.#leaseMs = leaseMs
    this.#onError = onError
  }

  /** How many jobs of a kind are held. */
  count(kind: string): number {
    return [...this.#held.values()].filter(({ job }) => job.kind === kind).length
  }

  /** @param leasedAt `performance.now()` from before the lease was asked for. */
  add(job: LeasedJob, leasedAt: number): AbortSignal {
    const controller = new AbortController()
    this.#held.set(job.leaseToken, { job, controller, sureUntil: leasedAt + this.#leaseMs })
    this.#timer ??= setInterval(() => void this.#renew(), this.#leaseMs / RENEWALS_PER_LEASE)
    return controller.signal
  }

  remove(job: LeasedJob): void {
    this.#held.delete(job.leaseToken)
    if (this.#held.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Aborts every job. */
  abortAll(reason: Error): void {
    for (const { controller } of this.#held.values()) controller.abort(reason)
  }

  async #renew(): Promise<void> {
    const asked = [...this.#held.values()]
    const askedAt = performance.now()
    try {
      const jobs = asked.map(({ job }) => job)
      const holding = await renewLeases(this.#queries, jobs, this.#leaseMs)
      for (const held of asked) {
        if (holding.has(held.job.leaseToken)) held.sureUntil = askedAt + this.#leaseMs
        else held.controller.abort(new LeaseLost())
      }
    } catch (error) {
      this.#onError(error)
      for (const held of asked) if (held.sureUntil < performance.now()) held.controller.abort(new LeaseLost())
    }
  }
}
