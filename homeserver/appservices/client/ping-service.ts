import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { AppService } from '../registration/app-service.ts'
import { isSuccess, type ServiceAnswer, type ServiceClient } from './service-client.ts'

/** Somebody looks at why a bridge does not work. */
const TIMEOUT_MS = 30_000
/** Of the service's answer, which is shown. */
const MAX_SHOWN_LENGTH = 4_096

/**
 * Asks a service whether it is there and knows this server (application service API, "Pinging").
 *
 * @returns milliseconds.
 * @throws MatrixError 400 M_URL_NOT_SET, 502 M_CONNECTION_FAILED or M_BAD_STATUS, 504 M_CONNECTION_TIMEOUT.
 */
export async function pingService(
  client: ServiceClient,
  service: AppService,
  transactionId: string | undefined,
  timeoutMs = TIMEOUT_MS,
): Promise<number> {
  if (service.url === undefined) {
    throw new MatrixError(400, 'M_URL_NOT_SET', 'The registration of the application service has no url')
  }
  const started = performance.now()
  const body = JSON.stringify({ transaction_id: transactionId })
  const answer = await client
    .call(service, { method: 'POST', path: '/_matrix/app/v1/ping', body, timeoutMs })
    .catch((error: unknown): ServiceAnswer => {
      if (error instanceof DOMException && error.name === 'TimeoutError') {
        throw new MatrixError(504, 'M_CONNECTION_TIMEOUT', 'The application service did not answer in time')
      }
      throw new MatrixError(502, 'M_CONNECTION_FAILED', 'The application service cannot be reached')
    })
  if (!isSuccess(answer)) {
    const shown = answer.body.slice(0, MAX_SHOWN_LENGTH)
    const sentence = 'The application service refused the ping'
    throw new MatrixError(502, 'M_BAD_STATUS', sentence, { status: answer.status, body: shown })
  }
  return Math.round(performance.now() - started)
}
