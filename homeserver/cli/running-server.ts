import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'

/** A server that serves until it is closed. */
export interface RunningServer {
  /** Where it listens, as URLs. */
  readonly addresses: readonly string[]
  /**
   * A registration token that works once and makes an administrating user.
   *
   * @returns undefined when the server has an administrating user already.
   */
  issueFirstAdminToken(): Promise<string | undefined>
  /** Drains requests and queues, then stops the database if it is ours. */
  close(): Promise<void>
}

/** Starts a server. The signal interrupts the start, which then stops what it has started and rejects. */
export type StartServer = (config: Config, log: Logger, signal: AbortSignal) => Promise<RunningServer>
