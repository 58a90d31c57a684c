import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import { isRegistrationTokenValid } from '../../../storage/accounts/registration-tokens.ts'
import { addressKey } from '../../rate-limits/address-key.ts'
import type { StageDefinition } from './stage-definition.ts'

/** `m.login.registration_token`. Wrong tokens count against the address, so that nobody can try them all. */
export const registrationTokenStage: StageDefinition = {
  attempt: async ({ queries, limits }, { auth, address }) => {
    const token = ownValue(auth, 'token')
    if (typeof token !== 'string') throw new MatrixError(400, 'M_MISSING_PARAM', '`auth.token` is missing')
    const valid = await limits.registrationTokenValidity.attempt(
      addressKey(address),
      async () => !token.includes('\0') && (await isRegistrationTokenValid(queries, token, Date.now())),
    )
    if (valid) return { passed: true, registrationToken: token }
    return { passed: false, errcode: 'M_UNAUTHORIZED', error: 'The registration token is not valid' }
  },
}
