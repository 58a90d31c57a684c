import type { Logger } from 'pino'
import { FederationRequestError } from '../../federation/client/transport/federation-request-error.ts'
import { UnusableAnswerError } from '../../federation/remote-rooms/try-servers.ts'

/**
 * Logs failed attempts of jobs. That another server cannot help is no failure of this one: the job is tried again, and
 * whoever runs that server must not be able to fill the log with errors.
 */
export function jobFailures(log: Pick<Logger, 'info' | 'error'>) {
  return (error: unknown, kind: string | undefined): void => {
    if (error instanceof FederationRequestError || error instanceof UnusableAnswerError) {
      log.info({ kind, reason: error.message }, 'a job waits for another server')
    } else log.error({ err: error, kind }, 'a job failed')
  }
}
