import Bull from 'bull'
import { Redis, type RedisOptions } from 'ioredis'
import type { RedisConfig } from '../config/sections/redis.ts'
import type { JobSpreader, KindCapacity, PlannedJob } from './job-spreader.ts'

/** What this server writes to Redis begins so; `server_name` keeps servers apart that share one. */
const PREFIX = 'meridian'
/** A command that has not been answered by then has failed: the jobs are done without Redis meanwhile. */
const COMMAND_TIMEOUT_MS = 5_000
/** Longest pause between attempts to reach Redis again. */
const MAX_RECONNECT_MS = 2_000
/** What a dead process has taken is handed out again after so long. */
const LOCK_MS = 30_000
/** Its rows are leased by nobody by then; more often would only be in vain. */
const MAX_STALLED = 3

/** After an error of Redis, before the next attempt to take something. */
const RETRY_MS = 500

/** What is handed out. */
interface Ask {
  readonly jobNid: number
}

/** Spreads jobs by Bull on Redis, a queue for each kind. */
export class BullSpreader implements JobSpreader {
  readonly #options: RedisOptions
  readonly #prefix: string
  readonly #onError: (error: unknown) => void
  readonly #queues = new Map<string, Bull.Queue<Ask>>()
  /** All queues share two connections; each has one of its own to wait on. */
  readonly #waiting: Redis[] = []
  #client: Redis | undefined
  #subscriber: Redis | undefined
  #stopped = false

  constructor(config: RedisConfig, serverName: string, onError: (error: unknown) => void) {
    const { host, port, path, db, tls, username, password } = config
    this.#options = {
      ...(path === undefined ? { host, port } : { path }),
      ...(tls && { tls: {} }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      db,
      enableReadyCheck: false,
      retryStrategy: (times) => Math.min(times * 100, MAX_RECONNECT_MS),
    }
    this.#prefix = `${PREFIX}:${serverName}`
    this.#onError = onError
  }

  get isReady(): boolean {
    return !this.#stopped && this.#client?.status === 'ready'
  }

  start(
    kinds: readonly KindCapacity[],
    take: (kind: string, jobNid: number) => Promise<void>,
    onChange: () => void,
  ): void {
    // What cannot be sent fails at once: who plans has to know.
    const client = this.#connect({ commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 0 })
    this.#client = client
    this.#subscriber = this.#connect({ maxRetriesPerRequest: null })
    client.on('ready', onChange).on('close', onChange)
    for (const { kind, concurrency } of kinds) this.#open(kind, concurrency, take)
  }

  async plan(jobs: readonly PlannedJob[]): Promise<void> {
    const byKind = Map.groupBy(jobs, ({ kind }) => kind)
    await Promise.all(
      Array.from(byKind, ([kind, ofKind]) =>
        this.#queues.get(kind)?.addBulk(
          ofKind.map(({ jobNid, planId, waitMs }) => ({
            data: { jobNid },
            opts: {
              jobId: planId,
              delay: Math.max(0, Math.ceil(waitMs)),
              removeOnComplete: true,
              removeOnFail: true,
            },
          })),
        ),
      ),
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // The connections are cut, and not closed after what is under way: that ends by the rows.
    for (const connection of [this.#client, this.#subscriber, ...this.#waiting]) connection?.disconnect()
    await Promise.all(Array.from(this.#queues.values(), (queue) => queue.close(true).catch(() => undefined)))
  }

  #open(kind: string, concurrency: number, take: (kind: string, jobNid: number) => Promise<void>): void {
    const queue = new Bull<Ask>(kind, {
      prefix: this.#prefix,
      createClient: (type) => this.#connectionFor(type),
      settings: { lockDuration: LOCK_MS, maxStalledCount: MAX_STALLED, retryProcessDelay: RETRY_MS },
    })
    queue.on('error', (error) => this.#failed(error))
    this.#queues.set(kind, queue)
    queue
      .process(concurrency, ({ data }) => take(kind, data.jobNid))
      .catch((error: unknown) => this.#failed(error))
  }

  #connectionFor(type: 'client' | 'subscriber' | 'bclient'): Redis {
    if (type === 'client') return this.#client!
    if (type === 'subscriber') return this.#subscriber!
    const waiting = this.#connect({ maxRetriesPerRequest: null })
    this.#waiting.push(waiting)
    return waiting
  }

  #connect(options: RedisOptions): Redis {
    const connection = new Redis({ ...this.#options, ...options })
    connection.on('error', (error) => this.#failed(error))
    return connection
  }

  #failed(error: unknown): void {
    if (!this.#stopped) this.#onError(error)
  }
}
