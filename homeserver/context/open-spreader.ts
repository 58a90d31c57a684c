import type { Logger } from 'pino'
import type { RedisConfig } from '../config/sections/redis.ts'
import { BullSpreader } from '../jobs/bull-spreader.ts'
import type { JobSpreader } from '../jobs/job-spreader.ts'

/** While Redis is away it says so again and again; the log does so this often. */
const COMPLAINT_INTERVAL_MS = 60_000

/** Spreads the jobs over all processes that share a Redis. */
export function openSpreader(redis: RedisConfig, serverName: string, log: Logger): JobSpreader {
  let complained = -Infinity
  return new BullSpreader(redis, serverName, (error) => {
    if (performance.now() - complained < COMPLAINT_INTERVAL_MS) return
    complained = performance.now()
    log.warn({ err: error }, 'Redis does not answer; this process does the jobs that it finds meanwhile')
  })
}
