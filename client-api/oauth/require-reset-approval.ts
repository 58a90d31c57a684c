import type { Session } from '../../homeserver/accounts/sessions.ts'
import { newSessionId } from '../../homeserver/accounts/bearer-secrets.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { takeCrossSigningReset } from '../../homeserver/oauth/cross-signing-reset.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { oauthBaseUrl } from './base-url.ts'
import { PATHS } from './paths.ts'

/** The name of the specification, and the one by which clients from before v1.17 know it. */
const STAGES = ['m.oauth', 'org.matrix.cross_signing_reset']

/**
 * Has the user of an OAuth session allow on the account page that the cross-signing keys are replaced (client-server
 * API, "OAuth authentication"). The page notes it for the user, because some clients ask again without the session of
 * the answer. To be called last: a permission is used up by it.
 *
 * @returns undefined once allowed, else the answer that leads to the page.
 * @throws MatrixError 403 where this server has no such page any more.
 */
export async function requireResetApproval(
  { accounts, config }: AccountApiContext,
  request: IncomingRequest,
  session: Session,
): Promise<Answer | undefined> {
  if (await takeCrossSigningReset(accounts, session)) return undefined
  const base = oauthBaseUrl(config, request)
  if (base === undefined) throw new MatrixError(403, 'M_FORBIDDEN', 'This server has no account page now')
  const url = `${base}${PATHS.account.slice(1)}?action=org.matrix.cross_signing_reset`
  const challenge = {
    flows: STAGES.map((stage) => ({ stages: [stage] })),
    params: Object.fromEntries(STAGES.map((stage) => [stage, { url }])),
    session: newSessionId(),
    msg: `To reset your digital identity, allow it at ${url}`,
  }
  return json(challenge, 401)
}
