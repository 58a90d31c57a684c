import type { Stage } from '../../homeserver/accounts/interactive-stages.ts'
import { hasAdmin } from '../../storage/accounts/account-reader.ts'
import type { AccountApiContext } from '../context.ts'

export type Flows = readonly (readonly Stage[])[]

/**
 * The ways to register now; none where registration is closed. While nobody administers the server, a token opens
 * it in any case: the server prints one at its start.
 */
export function registrationFlows({ config, queries }: AccountApiContext): () => Promise<Flows> {
  const { enabled, requiresToken, captcha, consent } = config.registration
  const stages: Stage[] = []
  if (captcha) stages.push('m.login.recaptcha')
  if (consent) stages.push('m.login.terms')
  if (requiresToken) stages.push('m.login.registration_token')
  const { email, requiredToRegister } = config.thirdPartyIds
  const plain: readonly Stage[] = stages.length > 0 ? stages : ['m.login.dummy']
  const byMail: Flows = email ? [[...stages, 'm.login.email.identity']] : []
  const lasting: Flows = enabled ? [...(requiredToRegister ? [] : [plain]), ...byMail] : []
  let administered = false
  return async () => {
    administered ||= await hasAdmin(queries)
    return administered || (enabled && requiresToken) ? lasting : [...lasting, ['m.login.registration_token']]
  }
}
