import type { JsonValue } from '../json/value.ts'

/**
 * A failure that the caller of a Matrix API is told about, in the specification's standard error form
 * (client-server API, "Standard error response"). Everything else that is thrown becomes a 500 without detail.
 */
export class MatrixError extends Error {
  readonly status: number
  readonly errcode: string
  /** Further keys of the answer, `retry_after_ms` or `soft_logout` for example. */
  readonly fields: Readonly<Record<string, JsonValue>>

  /**
   * @param status HTTP status of the answer.
   * @param errcode the specification's error code, `M_FORBIDDEN` for example.
   * @param message a sentence for the person in front of the client: what is wrong and what to do.
   */
  constructor(
    status: number,
    errcode: string,
    message: string,
    fields: Readonly<Record<string, JsonValue>> = {},
  ) {
    super(message)
    this.name = 'MatrixError'
    this.status = status
    this.errcode = errcode
    this.fields = fields
  }
}
