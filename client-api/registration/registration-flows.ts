import type { Stage } from '../../homeserver/accounts/interactive-stages.ts'
import type { RegistrationConfig } from '../../homeserver/config/sections/registration.ts'

/** The stages that a registration must pass. */
export function registrationFlows(config: RegistrationConfig): readonly (readonly Stage[])[] {
  return config.requiresToken ? [['m.login.registration_token']] : [['m.login.dummy']]
}
