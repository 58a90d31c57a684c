import { LRUCache } from 'lru-cache'
import type { Queries } from '../../storage/database.ts'
import { upcomingJobs, type UpcomingJob } from '../../storage/jobs/lease-jobs.ts'
import type { JobSpreader, KindCapacity } from './job-spreader.ts'

/** Jobs are planned so long before their time: what is scheduled for later is seen in time by a later look. */
const HORIZON_MS = 60_000
/** Between two looks, at most; after a loss of all plans the jobs wait no longer. */
const LOOK_INTERVAL_MS = 20_000
/** Jobs of one look, some 100 bytes each. */
const PLAN_LIMIT = 10_000
/** When there are more than that. */
const MORE_INTERVAL_MS = 1_000

/** Keeps a spreader told of the jobs whose time comes soon, as the rows say. */
export class JobPlanner {
  readonly #queries: Queries
  readonly #spreader: JobSpreader
  /** What was planned since the last loss, so that a look does not tell everything again. */
  readonly #planned = new LRUCache<string, true>({ max: 2 * PLAN_LIMIT, ttl: LOOK_INTERVAL_MS })
  #kinds: string[] = []

  constructor(queries: Queries, spreader: JobSpreader) {
    this.#queries = queries
    this.#spreader = spreader
  }

  get isReady(): boolean {
    return this.#spreader.isReady
  }

  /** @param take does a job that is handed out. @param onChange told when the spreader comes or goes. */
  start(kinds: readonly KindCapacity[], take: (jobNid: number) => Promise<void>, onChange: () => void): void {
    this.#kinds = kinds.map(({ kind }) => kind)
    this.#spreader.start(
      kinds,
      (_kind, jobNid) => take(jobNid),
      () => {
        this.#planned.clear()
        onChange()
      },
    )
  }

  /** Plans what comes soon. @returns milliseconds to the next look; undefined where the spreader does not work. */
  async plan(): Promise<number | undefined> {
    if (!this.isReady) return undefined
    const upcoming = await upcomingJobs(this.#queries, this.#kinds, HORIZON_MS, PLAN_LIMIT)
    await this.#tell(upcoming)
    return upcoming.length < PLAN_LIMIT ? LOOK_INTERVAL_MS : MORE_INTERVAL_MS
  }

  /** Plans a job that has been done, where it is to be done again. */
  async planAgain(jobNid: number): Promise<void> {
    if (!this.isReady) return
    await this.#tell(await upcomingJobs(this.#queries, this.#kinds, HORIZON_MS, 1, jobNid))
  }

  stop(): Promise<void> {
    return this.#spreader.stop()
  }

  async #tell(jobs: readonly UpcomingJob[]): Promise<void> {
    const fresh = jobs
      .map((job) => ({ ...job, planId: `${job.jobNid}.${job.revision}.${job.attempts}.${job.runAt}` }))
      .filter(({ planId }) => !this.#planned.has(planId))
    if (fresh.length === 0) return
    await this.#spreader.plan(fresh)
    for (const { planId } of fresh) this.#planned.set(planId, true)
  }
}
