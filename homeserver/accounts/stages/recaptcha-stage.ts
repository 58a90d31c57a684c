import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import { addressKey } from '../../rate-limits/address-key.ts'
import { verifyCaptcha } from '../verify-captcha.ts'
import type { StageDefinition } from './stage-definition.ts'

/** `m.login.recaptcha`. Each answer costs a request to the verifier, so they are limited as registrations are. */
export const recaptchaStage: StageDefinition = {
  params: ({ registration: { captcha } }) => captcha && { public_key: captcha.publicKey },
  attempt: async ({ registration: { captcha }, limits }, { auth, address }) => {
    const response = ownValue(auth, 'response')
    if (typeof response !== 'string') {
      throw new MatrixError(400, 'M_CAPTCHA_NEEDED', '`auth.response` is missing')
    }
    limits.registration.check(addressKey(address))
    if (captcha && (await verifyCaptcha(captcha, response))) return { passed: true }
    limits.registration.consume(addressKey(address))
    return { passed: false, errcode: 'M_CAPTCHA_INVALID', error: 'The captcha was not solved' }
  },
}
