import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** RFC 5321: a path of 256 bytes with its angle brackets. */
const MAX_LENGTH = 254
/** No quoted local parts, comments or lists of addresses; nothing that could end a header. */
const SHAPE = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u

/**
 * A mail address in the form by which it is known here: all in lower case.
 *
 * @throws MatrixError 400 M_INVALID_PARAM.
 */
export function emailAddress(text: string): string {
  const address = text.trim().normalize('NFC').toLowerCase()
  if (Buffer.byteLength(address) > MAX_LENGTH || !SHAPE.test(address)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no mail address')
  }
  return address
}
