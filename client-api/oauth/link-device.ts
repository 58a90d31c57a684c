import {
  decideDeviceAuthorization,
  deviceAuthorizationCalled,
} from '../../homeserver/oauth/device-authorizations.ts'
import { readScope } from '../../homeserver/oauth/scope.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import type { Browser } from './browser.ts'
import type { OAuthLimits } from './limits.ts'
import { formEndpoint, pageEndpoint } from './page-endpoint.ts'
import { clientFacts } from './pages/client-facts.ts'
import { form, problem } from './pages/form.ts'
import { html } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'

/** `GET …/link` (RFC 8628 §3.3): where users type the code that their new device shows. */
export function linkDevicePage(context: AccountApiContext, limits: OAuthLimits): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const typed = request.query('user_code')
    if (!browser.user) {
      const next =
        typed === undefined ? PATHS.link : `${PATHS.link}?${new URLSearchParams({ user_code: typed })}`
      return sendTo(browser.href(PATHS.signIn, { continue: next }))
    }
    if (typed === undefined) return askForCode(browser)
    limits.userCode.consume(addressKey(request.clientAddress))
    const found = await deviceAuthorizationCalled(context.accounts, typed)
    if (!found) return askForCode(browser, 'The code is wrong or too old')
    const decision = html`<p>The device shows this code:</p>
      <p class="code">${typed}</p>
      <p>If you have not started this on a device of yours just now, refuse.</p>
      <button class="main" name="decision" value="allow">Allow</button>
      <button name="decision" value="deny">Refuse</button>`
    const body = [
      html`<p>You are signed in as <strong>${browser.user.userId}</strong>.</p>`,
      clientFacts(found.client.metadata, readScope(found.code.scope).deviceId),
      form(browser, PATHS.link, decision, { user_code: typed, user_id: browser.user.userId }),
    ]
    return page('Allow the device access to your account?', body, { setCookie: browser.setCookie })
  })
}

/** `POST …/link`: what the user has decided. */
export function linkDeviceDecision(context: AccountApiContext, limits: OAuthLimits): EndpointMiddleware {
  return formEndpoint(context, async (request, browser, fields) => {
    const { user } = browser
    const typed = fields.get('user_code') ?? ''
    if (!user || user.userId !== fields.get('user_id')) {
      return sendTo(browser.href(PATHS.link, { user_code: typed }))
    }
    limits.userCode.consume(addressKey(request.clientAddress))
    const found = await deviceAuthorizationCalled(context.accounts, typed)
    const granted = fields.get('decision') === 'allow'
    if (!found || !(await decideDeviceAuthorization(context.accounts, user, found.code, granted))) {
      throw new MatrixError(400, 'M_UNKNOWN', 'The code is wrong or too old. Begin again on the device.')
    }
    const sentence = granted ? 'The device is signed in. You can close this page.' : 'The device was refused.'
    return page(granted ? 'Done' : 'Refused', html`<p>${sentence}</p>`)
  })
}

function askForCode(browser: Browser, error?: string): Answer {
  const body = html`${problem(error)}
    <form method="get" action="${browser.href(PATHS.link)}">
      <label
        >The code that your new device shows
        <input
          class="code"
          name="user_code"
          autocomplete="off"
          autocapitalize="characters"
          required
          autofocus
        />
      </label>
      <button class="main">Go on</button>
    </form>`
  return page('Sign in a device', body, {
    status: error === undefined ? 200 : 404,
    setCookie: browser.setCookie,
  })
}
