import { authenticateInteractively } from '../../homeserver/accounts/interactive-auth.ts'
import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import type { LocalUser } from '../../homeserver/accounts/sessions.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'

/**
 * Has a user prove by password, through user-interactive authentication, that an action is meant.
 *
 * @param body the request's, with `auth` in it.
 * @param action names the action and what it is done to.
 * @returns undefined once proved, else the answer that asks for it.
 * @throws MatrixError as `authenticateInteractively`.
 */
export async function requirePassword(
  accounts: Accounts,
  user: LocalUser,
  body: JsonObject,
  action: string,
): Promise<Answer | undefined> {
  const outcome = await authenticateInteractively(accounts, ownValue(body, 'auth'), {
    purpose: `${action} ${user.userId}`,
    flows: [['m.login.password']],
    user,
  })
  return outcome.passed ? undefined : json(outcome.challenge, 401)
}
