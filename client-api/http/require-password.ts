import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import { authenticateInteractively } from '../../homeserver/accounts/interactive-auth.ts'
import { isStage, STAGES, type Stage } from '../../homeserver/accounts/interactive-stages.ts'
import type { LocalUser, Session } from '../../homeserver/accounts/sessions.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import { refuseOAuthSession } from '../../homeserver/oauth/oauth-sessions.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'

/**
 * Has a user prove, by password or by whatever else the account has for it, through user-interactive
 * authentication, that an action is meant.
 *
 * @param body the request's, with `auth` in it.
 * @param action names the action and what it is done to.
 * @param options.recentIsEnough whether a proof that this device gave a moment ago counts
 *   (`ui_auth.session_timeout`): not for what cannot be undone.
 * @returns undefined once proved, else the answer that asks for it.
 * @throws MatrixError as `authenticateInteractively`; 403 for accounts that cannot prove anything; 404 for sessions of
 *   OAuth 2.0.
 */
export async function requirePassword(
  accounts: Accounts,
  user: Pick<Session, 'userNid' | 'userId' | 'deviceId'>,
  body: JsonObject,
  action: string,
  options: { readonly recentIsEnough?: boolean } = {},
): Promise<Answer | undefined> {
  await refuseOAuthSession(accounts, user)
  if (options.recentIsEnough && accounts.recentProofs.has(user)) return undefined
  const flows = await provingFlows(accounts, user)
  if (flows.length === 0) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This account has no password with which to confirm this')
  }
  const purpose = `${action} ${user.userId}`
  const outcome = await authenticateInteractively(accounts, ownValue(body, 'auth'), { purpose, flows, user })
  if (!outcome.passed) return json(outcome.challenge, 401)
  accounts.recentProofs.note(user)
  return undefined
}

async function provingFlows(accounts: Accounts, user: LocalUser): Promise<Stage[][]> {
  const flows: Stage[][] = []
  for (const stage of Object.keys(STAGES).filter(isStage)) {
    if (await STAGES[stage].proves?.(accounts, user)) flows.push([stage])
  }
  return flows
}
