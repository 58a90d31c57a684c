import { emailIdentityStage } from './stages/email-identity-stage.ts'
import { passwordStage } from './stages/password-stage.ts'
import { recaptchaStage } from './stages/recaptcha-stage.ts'
import { registrationTokenStage } from './stages/registration-token-stage.ts'
import { ssoStage } from './stages/sso-stage.ts'
import type { StageDefinition } from './stages/stage-definition.ts'
import { termsStage } from './stages/terms-stage.ts'

const TABLE = {
  'm.login.dummy': { attempt: async () => ({ passed: true }) },
  'm.login.email.identity': emailIdentityStage,
  'm.login.password': passwordStage,
  'm.login.recaptcha': recaptchaStage,
  'm.login.registration_token': registrationTokenStage,
  'm.login.sso': ssoStage,
  'm.login.terms': termsStage,
} as const satisfies Readonly<Record<string, StageDefinition>>

/** The authentication types that this server has. */
export type Stage = keyof typeof TABLE

/** What each of them does. */
export const STAGES: Readonly<Record<Stage, StageDefinition>> = TABLE

/** Whether this server has an authentication type. */
export function isStage(name: string): name is Stage {
  return Object.hasOwn(TABLE, name)
}
