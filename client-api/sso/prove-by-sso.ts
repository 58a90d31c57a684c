import {
  completeStage,
  findInteractiveSession,
  userOfSession,
} from '../../homeserver/accounts/interactive-sessions.ts'
import type { LocalUser } from '../../homeserver/accounts/sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { UiaSession } from '../../storage/accounts/uia-sessions.ts'
import { providersOf } from '../../storage/sso/links.ts'
import { authDonePage } from '../fallback/auth-done-page.ts'
import { formEndpoint, pageEndpoint } from '../oauth/page-endpoint.ts'
import { html } from '../oauth/pages/html.ts'
import { form } from '../oauth/pages/form.ts'
import { forwardTo, page } from '../oauth/pages/layout.ts'
import { providerCalled, type SsoContext } from './sso-context.ts'
import { providerLocation } from './start-sso.ts'

const STAGE = 'm.login.sso'
export const PROOF_PATH = '/_matrix/client/v3/auth/m.login.sso/fallback/web'

/**
 * `GET /auth/m.login.sso/fallback/web` (client-server API, "SSO during User-Interactive Authentication"): says what is
 * about to be confirmed before the provider, which may ask nothing at all, is shown.
 */
export function proofPage(context: SsoContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const { session, user } = await sessionCalled(context, request.query('session'))
    if (session.completed.includes(STAGE)) return authDonePage()
    const linked = await providersOf(context.queries, user.userNid)
    const ways = linked.flatMap((id) => context.providers.get(id)?.provider ?? [])
    const choice = ways.map(
      ({ id, name }) => html`<button class="main" name="idp" value="${id}">Confirm with ${name}</button>`,
    )
    const body = html`<p>
        A client of <strong>${user.userId}</strong> wants to do this:
        <strong>${actionOf(session, user)}</strong>.
      </p>
      <p>If you have not asked for it, close this page: somebody else may be using your account.</p>
      ${form(browser, PROOF_PATH, choice, { session: session.sessionId })}`
    return page('Confirm that it is you', body, { setCookie: browser.setCookie })
  })
}

/** `POST` to the same address: to the provider. */
export function startProof(context: SsoContext): EndpointMiddleware {
  return formEndpoint(context, async (request, browser, fields) => {
    const { session } = await sessionCalled(context, fields.get('session') ?? undefined)
    const client = providerCalled(context, fields.get('idp') ?? '')
    const goal = { kind: 'proof', session: session.sessionId } as const
    return forwardTo(await providerLocation(context, request, browser, client, goal))
  })
}

/** The user has come back. @throws MatrixError 403 when it is not the one who has to confirm. */
export async function completeProof(
  context: SsoContext,
  sessionId: string,
  user: LocalUser | undefined,
): Promise<Answer> {
  const { session } = await sessionCalled(context, sessionId)
  if (!user || user.userNid !== session.userNid) {
    throw new MatrixError(
      403,
      'M_FORBIDDEN',
      'Another account has to confirm this. Sign in as the right one.',
    )
  }
  await completeStage(context.accounts, session.sessionId, STAGE)
  return authDonePage()
}

async function sessionCalled({ accounts }: SsoContext, sessionId: string | undefined) {
  const session = await findInteractiveSession(accounts, sessionId ?? '')
  const user = session && (await userOfSession(accounts, session))
  if (session && user) return { session, user }
  throw new MatrixError(400, 'M_UNKNOWN', 'There is nothing to confirm here, or it has taken too long.')
}

/** The purpose of a session, without the user at its end and without what is meant for the program alone. */
function actionOf({ purpose }: UiaSession, { userId }: LocalUser): string {
  const [action = ''] = purpose.slice(0, -userId.length).trim().split(' ')
  return action.replaceAll(/[-_]/g, ' ')
}
