import { localpartOf } from '../../protocol/identifiers/user-id.ts'
import {
  errorLocation,
  readAuthorizationRequest,
  replyLocation,
  type AuthorizationRequest,
} from '../../homeserver/oauth/authorization-request.ts'
import { issueCode } from '../../homeserver/oauth/authorization-codes.ts'
import type { BrowserUser } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { Browser } from './browser.ts'
import { formEndpoint, pageEndpoint } from './page-endpoint.ts'
import { clientFacts } from './pages/client-facts.ts'
import { form } from './pages/form.ts'
import { html } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'
import { canSignUp } from './sign-up-ways.ts'

/** `GET …/oauth2/authorize` (client-server API, "Authorisation code flow"): asks the user, who signs in first. */
export function authorizationPage(context: AccountApiContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const mark = request.target.indexOf('?')
    const query = mark < 0 ? '' : request.target.slice(mark + 1)
    const read = await readAuthorizationRequest(context.queries, new URLSearchParams(query))
    if (!read.sound) return sendTo(read.location)
    if (browser.user) return showConsent(browser, browser.user, read.request, query)
    const next = `${PATHS.authorize}?${new URLSearchParams(query)}`
    if (read.request.create && (await canSignUp(context))) {
      return sendTo(browser.href(PATHS.signUp, { continue: next }))
    }
    const hint = read.request.userIdHint && localpartOf(read.request.userIdHint)
    return sendTo(browser.href(PATHS.signIn, { continue: next, hint }))
  })
}

/** `POST …/oauth2/authorize`: what the user has decided. */
export function authorizationDecision(context: AccountApiContext): EndpointMiddleware {
  return formEndpoint(context, async (_request, browser, fields) => {
    const query = fields.get('request') ?? ''
    const read = await readAuthorizationRequest(context.queries, new URLSearchParams(query))
    if (!read.sound) return sendTo(read.location)
    const { reply } = read.request
    if (fields.get('decision') !== 'allow') {
      return sendTo(errorLocation(reply, 'access_denied', 'The user has refused'))
    }
    const { user } = browser
    // Who was signed out, or in as somebody else, since the page was shown has not agreed to this.
    if (!user || user.userId !== fields.get('user_id')) {
      return sendTo(browser.href(`${PATHS.authorize}?${new URLSearchParams(query)}`))
    }
    const code = await issueCode(context.accounts, user, read.request)
    return sendTo(replyLocation(reply, { code }))
  })
}

function showConsent(
  browser: Browser,
  user: BrowserUser,
  request: AuthorizationRequest,
  query: string,
): Answer {
  const { client, reply, scope } = request
  const decision = html`<button class="main" name="decision" value="allow">Allow</button>
    <button name="decision" value="deny" formnovalidate>Refuse</button>`
  const next = `${PATHS.authorize}?${new URLSearchParams(query)}`
  const body = [
    html`<p>You are signed in as <strong>${user.userId}</strong>.</p>`,
    clientFacts(client.metadata, scope.deviceId, reply.redirectUri),
    form(browser, PATHS.authorize, decision, { request: query, user_id: user.userId }),
    form(browser, PATHS.signOut, html`<button>Use another account</button>`, { continue: next }),
  ]
  return page('Allow access to your account?', body, {
    formTarget: reply.redirectUri,
    setCookie: browser.setCookie,
  })
}
