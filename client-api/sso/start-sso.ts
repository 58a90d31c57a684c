import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import type { ProviderClient } from '../../homeserver/sso/provider-client.ts'
import { keepStep, type Goal } from '../../homeserver/sso/steps.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Browser } from '../oauth/browser.ts'
import { pageEndpoint } from '../oauth/page-endpoint.ts'
import { sendTo } from '../oauth/pages/layout.ts'
import { nextPage } from '../oauth/signed-in.ts'
import { CALLBACK_PATH, providerCalled, type SsoContext } from './sso-context.ts'

/** `GET …/sso/start`: from our own sign-in page to a provider. */
export function startSso(context: SsoContext): EndpointMiddleware {
  return pageEndpoint(context, (request, browser) => {
    const client = providerCalled(context, request.query('idp') ?? '')
    const next = nextPage(request.query('continue'))
    return sendToProvider(context, request, browser, client, next)
  })
}

/** Sends a browser to a provider, and from there on to one of our pages. */
export async function sendToProvider(
  context: SsoContext,
  request: IncomingRequest,
  browser: Browser,
  client: ProviderClient,
  next: string,
): Promise<Answer> {
  const location = await providerLocation(context, request, browser, client, { kind: 'page', next })
  return { ...sendTo(location, browser.setCookie), status: 302 }
}

/**
 * Where a browser goes to sign in with a provider. What comes after is kept here; the browser takes along a secret by
 * which it is found, and which no other browser can use.
 *
 * @throws MatrixError 429; 502 when the provider cannot be reached.
 */
export async function providerLocation(
  context: SsoContext,
  request: IncomingRequest,
  browser: Browser,
  client: ProviderClient,
  goal: Goal,
): Promise<string> {
  context.starts.consume(addressKey(request.clientAddress))
  const challenge = await client.challenge().catch((cause: unknown) => {
    throw failure(context, client, cause, 502, 'cannot be reached now. Try again later.')
  })
  const state = await keepStep(context.accounts, 'away', {
    idpId: client.provider.id,
    browserId: browser.id,
    nonce: challenge.nonce,
    verifier: challenge.verifier,
    goal,
  })
  const redirectUri = browser.base + CALLBACK_PATH.slice(1)
  return client.location(redirectUri, state, challenge)
}

/** The error of a sign-in that came to nothing with the provider; the administrator is told the cause. */
export function failure(
  { accounts }: SsoContext,
  { provider }: ProviderClient,
  cause: unknown,
  status: number,
  sentence: string,
): MatrixError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  accounts.onError(new Error(`sign-in with the provider ${provider.id} failed: ${reason}`))
  return new MatrixError(status, 'M_UNKNOWN', `${provider.name} ${sentence}`)
}
