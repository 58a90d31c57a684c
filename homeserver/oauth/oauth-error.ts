/** A failure in the form of OAuth 2.0 (RFC 6749 §5.2, RFC 7591 §3.2.2, RFC 8628 §3.5). */
export class OAuthError extends Error {
  /** `invalid_grant` for example. */
  readonly code: string
  readonly status: number

  /**
   * @param description a sentence for the client's developer.
   * @param status HTTP status of the answer.
   */
  constructor(code: string, description: string, status = 400) {
    super(description)
    this.name = 'OAuthError'
    this.code = code
    this.status = status
  }
}
