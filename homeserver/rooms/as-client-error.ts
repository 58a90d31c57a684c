import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { PduError } from '../../protocol/events/pdu-error.ts'

/** Does `build`, whose failure is the client's: the event that it asked for cannot be. */
export function asClientError<Result>(build: () => Result): Result {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    throw new MatrixError(error.errcode === 'M_TOO_LARGE' ? 413 : 400, error.errcode, error.message)
  }
}
