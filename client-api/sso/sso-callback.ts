import { startBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { accountOfIdentity, linkedUser } from '../../homeserver/sso/account-of-identity.ts'
import { identityOf, type Identity } from '../../homeserver/sso/identity.ts'
import type { ProviderClient } from '../../homeserver/sso/provider-client.ts'
import { ssoSessionOf } from '../../homeserver/sso/sso-session.ts'
import { keepStep, useStep } from '../../homeserver/sso/steps.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Browser } from '../oauth/browser.ts'
import { pageEndpoint } from '../oauth/page-endpoint.ts'
import { signedIn } from '../oauth/signed-in.ts'
import { nameForm } from './choose-name.ts'
import { completeProof } from './prove-by-sso.ts'
import { CALLBACK_PATH, providerCalled, type SsoContext } from './sso-context.ts'
import { failure } from './start-sso.ts'

/** `GET /_synapse/client/oidc/callback`: where a provider sends the browser back. */
export function ssoCallback(context: SsoContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const state = request.query('state') ?? ''
    const step = await useStep(context.accounts, 'away', state, browser.id)
    if (!step) {
      throw new MatrixError(
        400,
        'M_UNKNOWN',
        'This sign-in was not begun in this browser, or has taken too long.',
      )
    }
    const client = providerCalled(context, step.idpId)
    const answered = new URL(browser.base + CALLBACK_PATH.slice(1))
    answered.search = request.target.slice(request.target.indexOf('?'))
    const claims = await client.finish(answered, state, step).catch((cause: unknown) => {
      throw failure(context, client, cause, 403, 'did not let you in. Try again.')
    })
    const identity = identityOf(client.provider, claims)
    const { goal } = step
    const ssoSession = ssoSessionOf(client.provider.id, claims)
    if (goal.kind === 'page') return signIn(context, browser, client, { ...identity, ssoSession }, goal.next)
    const user = await linkedUser(context.accounts, client.provider, identity)
    return completeProof(context, goal.session, user)
  })
}

async function signIn(
  context: SsoContext,
  browser: Browser,
  { provider }: ProviderClient,
  identity: Identity & { readonly ssoSession: Buffer | undefined },
  next: string,
): Promise<Answer> {
  const { accounts, config } = context
  const found = await accountOfIdentity(accounts, provider, identity, config.sso.updateProfile)
  const { ssoSession } = identity
  if (found.user) {
    return signedIn(context, browser, next, () => startBrowserSession(accounts, found.user, ssoSession))
  }
  const { suggestion } = found
  const secret = await keepStep(accounts, 'naming', {
    idpId: provider.id,
    browserId: browser.id,
    subject: identity.subject,
    displayName: identity.displayName,
    suggestion,
    next,
    ssoSession: ssoSession?.toString('hex'),
  })
  return nameForm(context, browser, secret, suggestion)
}
