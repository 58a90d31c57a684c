/** A PDU that is not one: it must be dropped, or its sender told so. The message never quotes content. */
export class PduError extends Error {
  /** What a client that asked for such an event is told; a federation answer needs only the sentence. */
  readonly errcode: 'M_BAD_JSON' | 'M_TOO_LARGE'

  constructor(message: string, errcode: 'M_BAD_JSON' | 'M_TOO_LARGE' = 'M_BAD_JSON') {
    super(message)
    this.name = 'PduError'
    this.errcode = errcode
  }
}

/**
 * A required signature of a PDU is `missing`, made with an `unknown-key` (it may be fetched and the check
 * repeated), or `invalid`.
 */
export class PduSignatureError extends PduError {
  readonly server: string
  readonly reason: 'missing' | 'unknown-key' | 'invalid'

  constructor(server: string, reason: 'missing' | 'unknown-key' | 'invalid') {
    super(`The event needs a valid signature of ${server}, which is ${sentenceEnd[reason]}.`)
    this.name = 'PduSignatureError'
    this.server = server
    this.reason = reason
  }
}

const sentenceEnd = {
  missing: 'missing',
  'unknown-key': 'made with an unknown key',
  invalid: 'wrong',
} as const
