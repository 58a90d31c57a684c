import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { json, type Answer } from './answer.ts'

/**
 * The standard error answer (client-server API, "Standard error response"). Whatever is not a `MatrixError`
 * becomes a 500 that says nothing about its cause.
 */
export function errorAnswer(error: unknown): Answer {
  if (!(error instanceof MatrixError)) {
    return json({ errcode: 'M_UNKNOWN', error: 'Internal server error' }, 500)
  }
  const answer = json({ errcode: error.errcode, error: error.message, ...error.fields }, error.status)
  const headers = { ...retryAfter(error), ...(error.status === 413 && { connection: 'close' }) }
  return { ...answer, headers }
}

/** `Retry-After` in whole seconds beside `retry_after_ms` (client-server API, "Rate limiting"). */
function retryAfter(error: MatrixError): Record<string, string> {
  const milliseconds = error.fields.retry_after_ms
  return typeof milliseconds === 'number' ? { 'retry-after': String(Math.ceil(milliseconds / 1000)) } : {}
}
