import { providersOf } from '../../../storage/sso/links.ts'
import type { StageDefinition } from './stage-definition.ts'

/** `m.login.sso`: for users who sign in with a provider. It is completed in the browser alone. */
export const ssoStage: StageDefinition = {
  proves: async ({ queries }, user) => (await providersOf(queries, user.userNid)).length > 0,
}
