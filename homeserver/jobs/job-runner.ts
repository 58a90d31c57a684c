import type { Queries } from '../../storage/database.ts'
import {
  endAllLeases,
  failJob,
  finishJob,
  releaseJob,
  sweepFailedJobs,
} from '../../storage/jobs/end-lease.ts'
import type { JobPayload, JobRequest, LeasedJob } from '../../storage/jobs/job.ts'
import { leaseDueJobs, leaseJob, msUntilDue } from '../../storage/jobs/lease-jobs.ts'
import { cancelJob, repeatJob, scheduleJob } from '../../storage/jobs/schedule-job.ts'
import { describeFailure } from './describe-failure.ts'
import { HeldJobs, LeaseLost } from './held-jobs.ts'
import type { JobAttempt, JobKind } from './job-kind.ts'
import { JobPlanner } from './job-planner.ts'
import type { JobSpreader } from './job-spreader.ts'
import { DEFAULT_RETRY_POLICY, retryDelayMs, type RetryPolicy } from './retry-policy.ts'

/** How long a job of a dead process waits for another. */
const DEFAULT_LEASE_MS = 60_000
/** Another process may have scheduled something, and clocks may be set: look at least so often. */
const MAX_SLEEP_MS = 60_000
/** Something is due that another process is just taking: give it time to. */
const MIN_SLEEP_MS = 20
/** After an error of the database. */
const ERROR_SLEEP_MS = 2_000
/** Handlers that ignore their signal do not hold up the stop for longer. */
const STOP_GRACE_MS = 10_000
/** What is due for so long has been forgotten by whoever spreads the jobs: a process that finds it does it. */
const OVERDUE_MS = 5_000
const SWEEP_INTERVAL_MS = 24 * 3600 * 1000

interface Registered {
  readonly run: (payload: JobPayload, attempt: JobAttempt) => Promise<void>
  readonly retry: RetryPolicy
  readonly concurrency: number
}

class RunnerStopped extends Error {
  override readonly name = 'RunnerStopped'
}

/**
 * Does the jobs whose kinds are registered (table `job`). Several runners, in one process or many, share the work;
 * the rows are the truth, and a crash loses nothing: the lease of what was being done ends, and it is done again.
 */
export class JobRunner {
  readonly #queries: Queries
  readonly #onError: (error: unknown, kind: string | undefined) => void
  readonly #leaseMs: number
  readonly #isAlone: boolean
  readonly #kinds = new Map<string, Registered>()
  readonly #repeated = new Map<string, number>()
  readonly #held: HeldJobs
  readonly #planner: JobPlanner | undefined
  readonly #working = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #turning: Promise<void> | undefined
  #turnAgain = false
  #state: 'new' | 'running' | 'stopped' = 'new'

  /**
   * @param options.onError told of failed attempts, with their kind, and of the database's errors.
   * @param options.leaseMs how long a job of a dead process waits for another.
   * @param options.isAlone no other process works on this database: what is leased at the start was left by a dead one,
   *   and does not have to wait for its lease to end.
   * @param options.spreader hands jobs out over several processes; without one, each process takes what it finds.
   */
  constructor(
    queries: Queries,
    options: {
      onError: (error: unknown, kind: string | undefined) => void
      leaseMs?: number
      isAlone?: boolean
      spreader?: JobSpreader | undefined
    },
  ) {
    this.#queries = queries
    this.#onError = options.onError
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS
    this.#isAlone = options.isAlone ?? false
    this.#held = new HeldJobs(queries, this.#leaseMs, (error) => this.#onError(error, undefined))
    this.#planner = options.spreader && new JobPlanner(queries, options.spreader)
    this.register({ kind: 'jobs.sweep', read: () => null, handle: () => sweepFailedJobs(queries) })
    this.every('jobs.sweep', SWEEP_INTERVAL_MS)
  }

  /** Declares a kind of job, before the start. */
  register<Payload>(kind: JobKind<Payload>): void {
    if (this.#state !== 'new') throw new Error('job kinds are registered before the start')
    if (this.#kinds.has(kind.kind)) throw new Error(`job kind ${kind.kind} is registered twice`)
    this.#kinds.set(kind.kind, {
      run: async (payload, attempt) => kind.handle(kind.read(payload), attempt),
      retry: kind.retry ?? DEFAULT_RETRY_POLICY,
      concurrency: kind.concurrency ?? 1,
    })
  }

  /** Has a registered kind done every `intervalMs`, with the payload null, by one process at a time. Before the start. */
  every(kind: string, intervalMs: number): void {
    if (!this.#kinds.has(kind)) throw new Error(`job kind ${kind} is not registered`)
    this.#repeated.set(kind, intervalMs)
  }

  /** Stores a job; it is sure to be done once the promise is fulfilled. */
  async schedule(request: JobRequest): Promise<void> {
    await scheduleJob(this.#queries, request)
    this.wake()
  }

  /** Forgets the job of a kind with this key. Returns whether there was one. */
  cancel(kind: string, key: string): Promise<boolean> {
    return cancelJob(this.#queries, kind, key)
  }

  /** Begins to work. */
  async start(): Promise<void> {
    if (this.#isAlone) await endAllLeases(this.#queries)
    for (const [kind, interval] of this.#repeated) await repeatJob(this.#queries, kind, interval)
    this.#state = 'running'
    const kinds = Array.from(this.#kinds, ([kind, { concurrency }]) => ({ kind, concurrency }))
    this.#planner?.start(
      kinds,
      (jobNid) => this.#take(jobNid),
      () => this.wake(),
    )
    this.wake()
  }

  /** Ends the work: handlers are told by their signals, and what they leave undone is due again at once. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    await this.#turning
    await this.#planner?.stop()
    this.#held.abortAll(new RunnerStopped())
    let grace: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => (grace = setTimeout(resolve, STOP_GRACE_MS)))
    await Promise.race([Promise.all(this.#working), patience])
    clearTimeout(grace)
  }

  /** Looks for due jobs now: something was scheduled, by this process in a transaction or by another. */
  wake(): void {
    if (this.#state !== 'running') return
    if (this.#turning) {
      this.#turnAgain = true
      return
    }
    this.#turning = this.#turn().finally(() => {
      this.#turning = undefined
      if (this.#turnAgain) this.wake()
    })
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#timer)
    let sleep = ERROR_SLEEP_MS
    try {
      do {
        this.#turnAgain = false
        const askedAt = performance.now()
        const nextPlan = await this.#planner?.plan().catch((error: unknown) => {
          this.#onError(error, undefined)
          return undefined
        })
        const isPlanned = nextPlan !== undefined
        const overdueMs = isPlanned ? OVERDUE_MS : 0
        const jobs = await leaseDueJobs(this.#queries, this.#capacity(), this.#leaseMs, overdueMs)
        for (const job of jobs) void this.#begin(job, askedAt)
        const open = this.#capacity().map(({ kind }) => kind)
        const wait = nextPlan ?? (await msUntilDue(this.#queries, open))
        sleep = Math.min(Math.max(wait ?? MAX_SLEEP_MS, MIN_SLEEP_MS), MAX_SLEEP_MS)
      } while (this.#turnAgain && this.#state === 'running')
    } catch (error) {
      this.#turnAgain = false
      this.#onError(error, undefined)
    }
    if (this.#state === 'running') this.#timer = setTimeout(() => this.wake(), sleep)
  }

  #capacity(): { kind: string; free: number }[] {
    return [...this.#kinds]
      .map(([kind, { concurrency }]) => ({ kind, free: concurrency - this.#held.count(kind) }))
      .filter(({ free }) => free > 0)
  }

  /** Does a job that was handed out to this process, if it is still to be done. */
  async #take(jobNid: number): Promise<void> {
    if (this.#state !== 'running') return
    const askedAt = performance.now()
    const job = await leaseJob(this.#queries, jobNid, this.#leaseMs)
    if (!job) return
    await this.#begin(job, askedAt)
    await this.#planner?.planAgain(jobNid)
  }

  #begin(job: LeasedJob, askedAt: number): Promise<void> {
    const signal = this.#held.add(job, askedAt)
    const work = this.#work(job, signal)
      .catch((error) => this.#onError(error, job.kind))
      .finally(() => {
        this.#held.remove(job)
        this.#working.delete(work)
        if (this.#planner?.isReady !== true) this.wake()
      })
    this.#working.add(work)
    return work
  }

  async #work(job: LeasedJob, signal: AbortSignal): Promise<void> {
    const kind = this.#kinds.get(job.kind)
    if (!kind) return releaseJob(this.#queries, job)
    if (job.attempt > kind.retry.maxAttempts)
      return failJob(this.#queries, job, 'died with its process', undefined)
    try {
      await kind.run(job.payload, { signal, attempt: job.attempt, key: job.key })
    } catch (error) {
      if (signal.reason instanceof LeaseLost) return
      if (signal.reason instanceof RunnerStopped) return releaseJob(this.#queries, job)
      this.#onError(error, job.kind)
      const retryIn = retryDelayMs(kind.retry, job.attempt, Math.random())
      return failJob(this.#queries, job, describeFailure(error), retryIn)
    }
    await finishJob(this.#queries, job)
  }
}
