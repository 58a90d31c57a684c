import type { ConsentConfig } from '../../homeserver/config/sections/registration-checks.ts'
import type { AccountApiContext } from '../context.ts'
import { registrationFlows } from '../registration/registration-flows.ts'

/** What the page can ask for, of what a registration may need. */
export interface SignUp {
  readonly needsToken: boolean
  /** The policies to accept. */
  readonly consent: ConsentConfig | undefined
}

const PAGE_STAGES: readonly string[] = ['m.login.dummy', 'm.login.terms', 'm.login.registration_token']

/** How people may register on the page; undefined where registration is closed or asks for more than a page can. */
export async function signUpOf(context: AccountApiContext): Promise<SignUp | undefined> {
  const flows = await registrationFlows(context)()
  const flow = flows.find((stages) => stages.every((stage) => PAGE_STAGES.includes(stage)))
  if (!flow) return undefined
  return {
    needsToken: flow.includes('m.login.registration_token'),
    consent: flow.includes('m.login.terms') ? context.config.registration.consent : undefined,
  }
}

/** Whether people may register on the page. */
export async function canSignUp(context: AccountApiContext): Promise<boolean> {
  return context.config.login.passwordLogin && (await signUpOf(context)) !== undefined
}
