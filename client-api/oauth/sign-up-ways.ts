import type { AccountApiContext } from '../context.ts'
import { registrationFlows } from '../registration/registration-flows.ts'

/** What the page can ask for, of what a registration may need. */
export interface SignUp {
  readonly needsToken: boolean
}

/** How people may register on the page; undefined where registration is closed or asks for more than a page can. */
export async function signUpOf(context: AccountApiContext): Promise<SignUp | undefined> {
  const flows = await registrationFlows(context)()
  const isOnly = (stage: string): boolean => flows.some((flow) => flow.length === 1 && flow[0] === stage)
  if (isOnly('m.login.dummy')) return { needsToken: false }
  return isOnly('m.login.registration_token') ? { needsToken: true } : undefined
}

/** Whether people may register on the page. */
export async function canSignUp(context: AccountApiContext): Promise<boolean> {
  return context.config.login.passwordLogin && (await signUpOf(context)) !== undefined
}
