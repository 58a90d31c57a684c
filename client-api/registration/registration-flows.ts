import type { Stage } from '../../homeserver/accounts/interactive-stages.ts'
import { hasAdmin } from '../../storage/accounts/account-reader.ts'
import type { AccountApiContext } from '../context.ts'

export type Flows = readonly (readonly Stage[])[]

/**
 * The ways to register now; none where registration is closed. While nobody administers the server, a token opens
 * it in any case: the server prints one at its start.
 */
export function registrationFlows({ config, queries }: AccountApiContext): () => Promise<Flows> {
  const { enabled, requiresToken } = config.registration
  const lasting: Flows = !enabled
    ? []
    : requiresToken
      ? [['m.login.registration_token']]
      : [['m.login.dummy']]
  let administered = false
  return async () => {
    administered ||= await hasAdmin(queries)
    return administered || (enabled && requiresToken) ? lasting : [...lasting, ['m.login.registration_token']]
  }
}
