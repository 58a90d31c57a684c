import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import type { StageDefinition } from './stage-definition.ts'

/**
 * `m.login.email.identity`: a mail that this server has sent was read, in a registration or, where nobody is logged in,
 * for a new password. What it was sent for decides for what it counts.
 */
export const emailIdentityStage: StageDefinition = {
  attempt: async ({ addressProofs }, { auth, isRegistration }) => {
    const creds = ownValue(auth, 'threepid_creds') ?? ownValue(auth, 'threepidCreds')
    if (!isJsonObject(creds))
      throw new MatrixError(400, 'M_MISSING_PARAM', '`auth.threepid_creds` is missing')
    const [sid, secret] = [ownValue(creds, 'sid'), ownValue(creds, 'client_secret')]
    if (typeof sid !== 'string' || typeof secret !== 'string') {
      throw new MatrixError(400, 'M_BAD_JSON', '`auth.threepid_creds` must hold `sid` and `client_secret`')
    }
    const proof = await addressProofs?.validated(sid, secret, isRegistration ? 'register' : 'password')
    if (proof) return { passed: true, addressProof: proof.sessionId }
    return { passed: false, errcode: 'M_UNAUTHORIZED', error: 'The link of the mail has not been opened yet' }
  },
}
