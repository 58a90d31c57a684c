/**
 * Why a request to another server brought nothing:
 * `not-allowed` our configuration forbids the server; `backed-off` it failed of late and is left alone;
 * `unreachable` no connection, no answer in time, or a 5xx that is not its own; `refused` it answered with an error;
 * `bad-answer` it answered with something that the specification does not have.
 */
export type FailureKind = 'not-allowed' | 'backed-off' | 'unreachable' | 'refused' | 'bad-answer'

/**
 * A request to another server failed. It is no `MatrixError` on purpose: another server's 401 M_UNKNOWN_TOKEN,
 * passed on as our own, would log our user out. Callers say in their own words what could not be done.
 */
export class FederationRequestError extends Error {
  readonly destination: string
  readonly kind: FailureKind
  /** The HTTP status of the answer, when there was one. */
  readonly status: number | undefined
  /** The other server's error code, when it gave one. */
  readonly errcode: string | undefined
  /** What it said of the error: another server's words, shown to nobody but where the specification wants it. */
  readonly told: string | undefined

  constructor(
    destination: string,
    kind: FailureKind,
    reason: string,
    options: { status?: number; errcode?: string; told?: string; cause?: unknown } = {},
  ) {
    super(`${destination}: ${reason}`, { cause: options.cause })
    this.name = 'FederationRequestError'
    this.destination = destination
    this.kind = kind
    this.status = options.status
    this.errcode = options.errcode
    this.told = options.told
  }
}
