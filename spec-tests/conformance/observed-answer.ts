/** An answer of a server under test. */
export interface ObservedAnswer {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly status: number
  /** The JSON text of the body. */
  readonly text: string
}
