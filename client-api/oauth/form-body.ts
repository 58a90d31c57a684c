import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** The longest fields are an authorisation request and a password; both fit well. */
const MAX_FORM_BYTES = 64 * 1024
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i

/**
 * The fields of a submitted form.
 *
 * @throws MatrixError 400 when it is none or holds U+0000, 413.
 */
export async function readForm(request: IncomingRequest): Promise<URLSearchParams> {
  const bytes = await request.bytes({ maxBytes: MAX_FORM_BYTES })
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'The body must be application/x-www-form-urlencoded')
  }
  const form = new URLSearchParams(bytes.toString('utf8'))
  for (const [name, value] of form) {
    if (name.includes('\0') || value.includes('\0')) {
      throw new MatrixError(400, 'M_INVALID_PARAM', 'A form may not hold U+0000')
    }
  }
  return form
}
