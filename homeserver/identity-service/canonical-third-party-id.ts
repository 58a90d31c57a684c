import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ThirdPartyId } from './identity-server.ts'

/** The largest address that mail can be sent to (RFC 5321, section 4.5.3.1). */
const MAX_EMAIL_LENGTH = 320
/** Digits with the country's code, without a sign (E.164). */
const MSISDN = /^[1-9][0-9]{1,14}$/
const EMAIL = /^[^\s@\0]+@[^\s@\0]+$/

/**
 * The form in which identity servers know an identifier (appendices, "3PID Types").
 *
 * @throws MatrixError 400 M_INVALID_PARAM for what is none.
 */
export function canonicalThirdPartyId(medium: string, address: string): ThirdPartyId {
  if (medium === 'email' && address.length <= MAX_EMAIL_LENGTH && EMAIL.test(address)) {
    return { medium, address: address.toLowerCase() }
  }
  if (medium === 'msisdn' && MSISDN.test(address)) return { medium, address }
  throw new MatrixError(400, 'M_INVALID_PARAM', '`medium` and `address` name no e-mail address or number')
}
